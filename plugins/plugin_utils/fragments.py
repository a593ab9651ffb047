# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the options of one documentation fragment below an option of another one."""

from __future__ import annotations

import re
import textwrap

_SECTION = re.compile(r"^options:\n(.*?)^(?=\S|\Z)", re.DOTALL | re.MULTILINE)


def options_of(fragment: str, inside: str) -> str:
    """The options that ``fragment`` documents, as suboptions of an option at the top.

    :param inside: that option's name, which references among them get in front.
    """
    found = _SECTION.search(fragment)
    return textwrap.indent(re.sub(r"O\((?=\w)", f"O({inside}.", found[1]) if found else "", "    ")
