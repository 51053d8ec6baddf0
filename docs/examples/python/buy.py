"""Buys a film and fetches its first kilobyte. Needs a running cinema, and Python 3.9 or newer."""

import os
import time
import urllib.error
import urllib.parse
import urllib.request

from cinema import Cinema, Refusal

cinema = Cinema(os.environ.get("CINEMA_URL", "http://localhost:8000"))
login = cinema.call("accounts.login", email="viewer@demo.test", password="Popcorn-demo1")
cinema.token = login["accessToken"]

for film in cinema.items("movies.list", sort="popularity", limit=50):
    if not film["hasVideo"] or not film["price"]:
        continue
    try:
        cinema.call("cart.add", movieId=film["id"])
        break
    except Refusal as refusal:
        if refusal.reason == "already_in_cart":
            break
        if refusal.reason not in ("already_owned", "in_pending_order"):
            raise
print("Buying", film["name"])

order = cinema.call("orders.create", movieIds=[film["id"]], Idempotency_Key=film["id"])["order"]
page = cinema.call("orders.checkout", orderId=order["id"])["checkoutUrl"]

# What a person does in a browser. Only the simulator's page takes a plain form.
card = {"cardNumber": "4242424242424242", "cardExpiry": "12/34", "cardCvc": "123"}
try:
    urllib.request.urlopen(page, data=urllib.parse.urlencode(card).encode())
except urllib.error.HTTPError:
    pass  # It leads back to the web app, which may not be there.

for _ in range(100):
    status = cinema.call("orders.get", orderId=order["id"])["status"]
    if status == "paid":
        break
    time.sleep(0.2)
print("The order is", status)

playback = cinema.call("playback.start", movieId=film["id"], deviceId="python")
request = urllib.request.Request(playback["src"], headers={"range": "bytes=0-1023"})
with urllib.request.urlopen(request) as answer:
    print(answer.status, len(answer.read()), "bytes of", answer.headers["content-type"])
