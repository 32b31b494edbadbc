#!/usr/bin/python3
"""Writes the policy brief of a sweep as HTML and PDF: what `parkflow brief` starts.

  gather    the file's groups, the analyses it lacks, checks, evidence and flows
  content   numbers, section by section
  sections  the numbers in words and pictures (figures, sankey, messages)
  wording   a language's words, numbers and units
"""
import argparse
import base64
import contextlib
import html
import pathlib
import re
import sys

EXIT_FAILED = 1
PACKAGES = "python3-xarray python3-h5netcdf python3-matplotlib python3-jinja2 python3-yaml weasyprint"

try:
    import jinja2
    import weasyprint

    import gather
    import sections
    import wording
except ImportError as error:
    print(f"parkflow brief: Python lacks {error.name}; Debian has what is needed: {PACKAGES}", file=sys.stderr)
    raise SystemExit(EXIT_FAILED) from None

HERE = pathlib.Path(__file__).parent


def arguments(given=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", default="parkflow", help="the program parkflow")
    parser.add_argument("results")
    parser.add_argument("--lang", choices=["en", "vi"], default="en")
    parser.add_argument("-s", "--scenario")
    parser.add_argument("--potential")
    parser.add_argument("--park")
    parser.add_argument("-n", "--members", type=int, default=50)
    parser.add_argument("--as-it-is", action="store_true")
    parser.add_argument("-o", "--output")
    parser.add_argument("-q", "--quiet", action="store_true")
    return parser.parse_args(given)


def bold(text):
    """The **lead** of a message in strong letters; all else as it is."""
    lead = re.match(r"\*\*(.+?)\*\*", text)
    if not lead:
        return html.escape(text, quote=False)
    return f"<strong>{html.escape(lead[1], quote=False)}</strong>{html.escape(text[lead.end():], quote=False)}"


def page_of(content):
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    environment.filters["base64"] = lambda svg: base64.b64encode(svg.encode()).decode()
    environment.filters["bold"] = lambda text: jinja2.utils.markupsafe.Markup(bold(text))
    css = jinja2.utils.markupsafe.Markup((HERE / "page.css").read_text(encoding="utf-8"))
    return environment.get_template("page.html.j2").render(css=css, **content)


def write(pages):
    """All of them whole beside their places, then each in its place."""
    parts = {path: path.with_name(path.name + ".part") for path in pages}
    try:
        for path, data in pages.items():
            parts[path].write_bytes(data)
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink()
        gather.fail(f"cannot write {error.filename2 or error.filename}: {error.strerror}", EXIT_FAILED)


def main():
    given = arguments()
    words = wording.load(given.lang)
    gather.check_folder(given.output)
    brief = gather.gather(given)
    stem = given.output or f"{pathlib.Path(given.results).stem}-brief-{given.lang}"
    page = page_of(sections.sections(brief, words))
    write({pathlib.Path(f"{stem}.html"): page.encode(),
           pathlib.Path(f"{stem}.pdf"): weasyprint.HTML(string=page).write_pdf()})
    gather.tell(given, f"Written: {stem}.html and {stem}.pdf")


if __name__ == "__main__":
    main()
