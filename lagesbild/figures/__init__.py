"""Charts that can be cited: one register of every chart, pictures and sheets of it, and the archive of frozen ones."""
