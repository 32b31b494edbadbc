"""How Sphinx makes the site. Its source is a copy of the tree's pages at their places, so that links lead to the same
files here, in a checkout and on a forge; scripts/docs makes it."""
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent

author = "The parkflow developers"
copyright = author
version = release = re.search(r"^version: (\S+)", (FOLDER / "CITATION.cff").read_text(), re.MULTILINE).group(1)
root_doc = "docs/index"
exclude_patterns = ["scripts", "_static"]

extensions = ["myst_parser", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath"]
myst_dmath_allow_space = myst_dmath_allow_digits = False
myst_heading_anchors = 4

# KaTeX of the Debian package, copied beside the pages: equations need no network.
mathjax_path = "katex-start.js"
mathjax_options = {"defer": "defer"}
html_js_files = ["katex/katex.min.js", "katex/contrib/auto-render.js"]
html_css_files = ["katex/katex.min.css", "site.css"]
html_static_path = ["_static"]

html_theme = "furo"
html_title = f"parkflow {version}"
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
highlight_language = "none"
