"""A client made of the cinema's OpenAPI document, with nothing but the standard library.

    cinema = Cinema("http://localhost:8000")
    cinema.token = cinema.call("accounts.login", email=..., password=...)["accessToken"]
    for film in cinema.items("movies.list", sort="popularity"):
        print(film["name"])
"""

import json
import urllib.error
import urllib.parse
import urllib.request


class Refusal(Exception):
    """Why the cinema refused: branch on `reason`; `problem` is all of the answer (RFC 9457)."""

    def __init__(self, problem):
        super().__init__(f"{problem['reason']}: {problem['detail']}")
        self.reason = problem["reason"]
        self.problem = problem


class Cinema:
    def __init__(self, url):
        self.url = url.rstrip("/")
        self.token = None
        with urllib.request.urlopen(f"{self.url}/openapi.json") as answer:
            self.document = json.load(answer)
        self.base = self.url + self.document["servers"][0]["url"]
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }

    def call(self, name, **given):
        """Calls an operation by its id. What the document says decides which argument goes where."""
        method, path, operation = self.operations[name]
        query, headers = [], {"accept": "application/json"}
        for parameter in map(self._resolve, operation.get("parameters", [])):
            value = given.pop(parameter["name"].replace("-", "_"), None)
            if value is None:
                continue
            if parameter["in"] == "path":
                path = path.replace("{%s}" % parameter["name"], urllib.parse.quote(str(value), safe=""))
            elif parameter["in"] == "header":
                headers[parameter["name"]] = str(value)
            else:
                query += [(parameter["name"], self._text(each)) for each in (value if isinstance(value, list) else [value])]
        body = None
        if "requestBody" in operation:
            fields = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
            body = json.dumps({key: given.pop(key) for key in list(given) if key in fields}).encode()
            headers["content-type"] = "application/json"
        if given:
            raise TypeError(f"{name} takes no {', '.join(given)}")
        if operation["security"] and self.token:
            headers["authorization"] = f"Bearer {self.token}"
        address = self.base + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(address, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Refusal(json.load(error)) from None
        return json.loads(text) if text else None

    def items(self, name, **given):
        """Goes through a list, page after page."""
        while True:
            page = self.call(name, **given)
            yield from page["items"]
            if page["nextCursor"] is None:
                return
            given["cursor"] = page["nextCursor"]

    def _resolve(self, item):
        if "$ref" not in item:
            return item
        for key in item["$ref"].split("/"):
            item = self.document if key == "#" else item[key]
        return item

    @staticmethod
    def _text(value):
        return str(value).lower() if isinstance(value, bool) else str(value)
