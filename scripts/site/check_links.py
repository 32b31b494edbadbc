#!/usr/bin/python3
"""Follows every link of a built site that leads into it: its file must be there, and its anchor on that page.

usage: scripts/site/check_links.py FOLDER
"""
import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """The links of a page and the anchors that it offers."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], {""}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value is not None:
                self.links.append(value)
            elif name in ("id", "name") and value:
                self.anchors.add(value)


def outside(link):
    parts = urllib.parse.urlsplit(link)
    return bool(parts.scheme or parts.netloc)


def broken(path, link, pages):
    """What is wrong with a link of the page at `path`; None: nothing."""
    parts = urllib.parse.urlsplit(link)
    target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "no such file"
    anchor = urllib.parse.unquote(parts.fragment)
    if target in pages and anchor not in pages[target].anchors:
        return "no such anchor"
    return None


def main(folder):
    paths = sorted(pathlib.Path(folder).resolve().rglob("*.html"))
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in paths}
    links = [(path, link) for path, page in pages.items() for link in page.links if not outside(link)]
    wrong = sorted({(path.name, link, why) for path, link in links if (why := broken(path, link, pages))})
    for name, link, why in wrong:
        print(f"{name}: {link}: {why}")
    print(f"{len(pages)} pages, {len(links)} links into the site, {len(wrong)} broken")
    return bool(wrong) or not pages


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
