#!/bin/bash
# Prövar nginx-filerna på den här datorn, på loopback: deploy/try.sh [--bara-filer] [MAPP]
# --bara-filer: bara att nginx godtar dem. Annars startas också en instrumentpanel, och svaren prövas genom TLS under /lagesbild.
# Behöver nginx och openssl (apt-get install nginx-light openssl) och det som make run sätter upp.
set -euo pipefail
cd "$(dirname "$0")/.."
only=""; [ "${1:-}" = --bara-filer ] && { only=1; shift; }
work="${1:-$(mktemp -d)}"
port=8761 tls=8762 root=8763
mkdir -p "$work"/{logs,lib}
chmod 711 "$work"  # som root arbetar nginx som en annan användare, som ska nå sitt lager
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -keyout "$work/privkey.pem" -out "$work/fullchain.pem" 2>/dev/null
# Samma filer, med den här mappens vägar och portar som inte kräver root.
cp -r deploy/nginx "$work/nginx"
sed -i -e "s#/opt/lagesbild/deploy/nginx#$work/nginx#; s#/etc/ssl/lagesbild#$work#; s#/var/log/nginx#$work/logs#; s#/var/lib/nginx/lagesbild#$work/lib/filer#" \
  -e "s#127.0.0.1:8501#127.0.0.1:$port#; /listen \[::\]/d; s#listen 443 #listen 127.0.0.1:$root #; s#listen 80;#listen 127.0.0.1:8764;#" "$work"/nginx/*.conf
cat >"$work/nginx.conf" <<NGINX
pid $work/nginx.pid;
error_log $work/logs/error.log;
worker_processes 1;
events {}
http {
    include $work/nginx/lagesbild.conf;
    client_body_temp_path $work/lib/b; proxy_temp_path $work/lib/p; fastcgi_temp_path $work/lib/f; uwsgi_temp_path $work/lib/u; scgi_temp_path $work/lib/s;
    server {
        listen 127.0.0.1:$tls ssl http2;
        server_name localhost;
        ssl_certificate $work/fullchain.pem; ssl_certificate_key $work/privkey.pem;
        include $work/nginx/tls.conf;
        include $work/nginx/undermapp.conf;
    }
}
NGINX
nginx=$(PATH=/usr/sbin:$PATH command -v nginx)
"$nginx" -q -t -p "$work" -e "$work/logs/error.log" -c "$work/nginx.conf"
echo "nginx godtar filerna ($("$nginx" -v 2>&1))"
[ -z "$only" ] || exit 0

LAGESBILD_HOME="${LAGESBILD_HOME:-$work/hem}" LAGESBILD_PUBLIC_ADDRESS="https://localhost:$tls/lagesbild" \
  .venv/bin/lagesbild serve --port "$port" >"$work/serve.log" 2>&1 &
serve=$!
trap 'kill "$serve" 2>/dev/null; [ -f "$work/nginx.pid" ] && kill "$(cat "$work/nginx.pid")"; wait' EXIT
"$nginx" -q -p "$work" -e "$work/logs/error.log" -c "$work/nginx.conf"
LAGESBILD_PORT=$port deploy/vanta-pa.sh

failed=0
expect() { # what, expected, got
  if [ "$2" = "$3" ]; then echo "stämmer: $1 ($3)"; else echo "FEL: $1: väntade $2, fick $3"; failed=1; fi
}
code() { curl -sk -o /dev/null -w '%{http_code}' "$@"; }
base="https://localhost:$tls/lagesbild"
expect "mappen får sitt snedstreck" 301 "$(code "$base")"
for page in / /metod /halsa /nyheter.xml /_stcore/health; do expect "$page" 200 "$(code "$base$page")"; done
for page in /redo /_stcore/metrics /_stcore/agent/openapi.json; do expect "$page är stängt utifrån" 404 "$(code "$base$page")"; done
expect "uppladdning utan inloggning" 403 "$(code -X PUT --data x "$base/_stcore/upload_file/a/b")"
expect "för stor uppladdning" 413 "$(head -c 13000000 /dev/zero | code -X PUT -H 'Cookie: lagesbild_session=x' --data-binary @- "$base/_stcore/upload_file/a/b")"
expect "för stort formulär" 413 "$(head -c 20000 /dev/zero | code --data-binary @- "$base/konto/in")"
upgrade=(-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')
expect "websocket" 101 "$(curl -sk --http1.1 --max-time 3 -o /dev/null -w '%{http_code}' "${upgrade[@]}" -H "Origin: https://localhost:$tls" "$base/_stcore/stream" || true)"
expect "websocket från en annan webbplats" 403 "$(curl -sk --http1.1 --max-time 3 -o /dev/null -w '%{http_code}' "${upgrade[@]}" -H "Origin: https://annan.example" "$base/_stcore/stream" || true)"
head=$(curl -sk -D - -o /dev/null --compressed "$base/metod" | tr -d '\r' | tr 'A-Z' 'a-z')
for name in content-security-policy strict-transport-security x-content-type-options referrer-policy permissions-policy; do
  expect "huvudet $name, en gång" 1 "$(grep -c "^$name:" <<<"$head")"
done
expect "nginx säger inte sin version" 1 "$(grep -c '^server: nginx$' <<<"$head")"
file=$(curl -sk --compressed "$base/metod" | grep -o 'static/js/index[^"]*\.js' | head -n 1)
for coding in gzip br; do
  curl -sk -o /dev/null -H "Accept-Encoding: $coding" "$base/$file"
  expect "fil ur nginx lager, komprimerad med $coding" $coding "$(curl -sk -D - -o /dev/null -H "Accept-Encoding: $coding" "$base/$file" | tr -d '\r' | sed -n 's/^content-encoding: //p')"
done
tries=$(for _ in $(seq 40); do code -H "Origin: https://localhost:$tls" -d 'namn=a&losenord=b' "$base/konto/in"; echo; done | grep -c 429 || true)
expect "för många försök att logga in stoppas" ja "$([ "$tries" -ge 20 ] && echo ja)"
grep -q '"cache":"HIT"' "$work/logs/lagesbild.log" && echo "stämmer: filer ur lagret"
if grep -qE '127\.0\.0\.1|namn=' "$work/logs/lagesbild.log"; then echo "FEL: loggen har adresser eller frågor"; failed=1; fi
[ "$failed" -eq 0 ] && echo "Allt stämmer." || exit 1
