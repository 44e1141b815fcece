"""What is served beside the pages: logging in and out, and the small page that a phone reports signals with.

A guard at night has a poor connection and a cold hand: the page is one small file that works without any connection,
keeps what was reported on the phone until it has been received, and asks the server for nothing else.
"""
