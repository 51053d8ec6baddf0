#!/usr/bin/env bash
# Buys a film and fetches its first kilobyte, over REST. Needs a running cinema, curl 7.82 or newer and jq.
set -euo pipefail
CINEMA=${CINEMA_URL:-http://localhost:8000}
API=$CINEMA/api/v1

# call <token> <arguments of curl…>: fails with the refusal's reason, so that the script ends.
call() {
  local token=$1 answer status
  shift
  answer=$(curl --silent --show-error --write-out '\n%{http_code}' --header "authorization: Bearer $token" "$@")
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  if ((status >= 400)); then
    jq --raw-output '"\(.status) \(.reason): \(.detail)"' <<<"$answer" >&2
    return 1
  fi
  printf '%s' "$answer"
}

token=$(curl -s "$API/accounts/login" --json '{"email":"viewer@demo.test","password":"Popcorn-demo1"}' | jq -r .accessToken)
films=$(call "$token" "$API/movies?sort=popularity&limit=100" | jq -r '.items[] | select(.hasVideo and .price) | .id')
for id in $films; do
  # One that is owned or ordered already is refused: the next one, then.
  call "$token" "$API/cart/items" --json "{\"movieId\":\"$id\"}" >/dev/null && break
done

order=$(call "$token" "$API/orders" --json "{\"movieIds\":[\"$id\"]}" --header "idempotency-key: $id" | jq -r .order.id)
page=$(call "$token" --request POST "$API/orders/$order/checkout" | jq -r .checkoutUrl)

# What a person does in a browser. Only the simulator's page takes a plain form.
curl -s --output /dev/null -d cardNumber=4242424242424242 -d cardExpiry=12/34 -d cardCvc=123 "$page"
for _ in {1..100}; do
  status=$(call "$token" "$API/orders/$order" | jq -r .status)
  [[ $status == paid ]] && break
  sleep 0.2
done
echo "The order is $status"

src=$(call "$token" "$API/library/$id/play" --json '{"deviceId":"walkthrough"}' | jq -r .src)
curl -s --range 0-1023 --output /dev/null --write-out '%{http_code}: %{size_download} bytes of %{content_type}\n' "$src"
