"""The documentation site: the pages of docs/, and those of modules and roles, which antsibull-docs writes.

tests/tooling/pages puts them side by side in build/docs/source and builds them. Nothing is fetched, and a link that
leads nowhere fails the build.
"""

project = "loggy.pipeline"
author = "The Loggy pipeline authors"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "furo"
html_title = "loggy.pipeline"
html_static_path = ["static"]
html_css_files = ["tables.css"]
# The anchors that GitHub gives to headings, which links between the pages use.
myst_heading_anchors = 4
# Ansible's own pages are elsewhere, and their index is not fetched.
suppress_warnings = ["ref.ref"]
