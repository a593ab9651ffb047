#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prometheus_dashboard_page
short_description: Draw a Grafana dashboard from Prometheus' numbers into one page, without Grafana
version_added: 0.1.0
description:
  - Runs every query of a Grafana dashboard against Prometheus, and writes its panels, and the alerts of the same time,
    into one page of HTML that needs nothing from outside itself.
  - Panels of the types V(stat) and V(timeseries) are drawn, others are left out.
  - It tells which queries found nothing, so that a playbook or a test can fail on an empty panel.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.attributes
options:
  url:
    description: URL of Prometheus, or of what has its API, such as Thanos.
    type: str
    required: true
  username:
    description: User for basic authentication.
    type: str
  password:
    description: Password for basic authentication.
    type: str
  token:
    description: Bearer token, as OpenShift's monitoring wants one.
    type: str
  validate_certs:
    description: Whether the certificate of an C(https) URL is verified.
    type: bool
    default: true
  ca_path:
    description: PEM file, or folder of them, with the authorities to trust. Without it, those that the system trusts.
    type: path
  client_cert:
    description: PEM file with the certificate that this client shows; it may hold the key as well.
    type: path
  client_key:
    description: PEM file with the key of O(client_cert).
    type: path
  timeout:
    description: Seconds that one request may take.
    type: float
    default: 10
  dashboard:
    description: The dashboard, as Grafana exports it.
    type: dict
    required: true
  path:
    description: The file to write the page to. Without it the queries are only run.
    type: path
  range:
    description: How many seconds to look back.
    type: float
    default: 3600
requirements:
  - requests (Python library) on the host that runs the module
  - jinja2 (Python library), with O(path)
notes:
  - The page is of this moment, so that each run that writes one has changed something.
seealso:
  - module: loggy.pipeline.loggy_commute
"""

EXAMPLES = r"""
- name: Draw the dashboard
  loggy.pipeline.prometheus_dashboard_page:
    url: http://prometheus:9090
    dashboard: "{{ lookup('ansible.builtin.file', 'loggy-commute.json') | from_json }}"
    path: /tmp/loggy/dashboard.html

- name: Fail on a panel that shows nothing
  loggy.pipeline.prometheus_dashboard_page:
    url: https://prometheus.example.com
    token: "{{ lookup('ansible.builtin.env', 'PROMETHEUS_TOKEN') }}"
    dashboard: "{{ lookup('ansible.builtin.file', 'loggy-commute.json') | from_json }}"
  register: loggy_dashboard
  failed_when: loggy_dashboard.empty | length > 0
"""

RETURN = r"""
path:
  description: The page; null without O(path).
  returned: success
  type: str
  sample: /tmp/loggy/dashboard.html
panels:
  description: The panels that can be drawn, in their order, with how many series each has.
  returned: success
  type: list
  elements: dict
  sample: [{title: Received by the source, row: The way, series: 1}]
empty:
  description: The queries that found no number, with their panel's title.
  returned: success
  type: list
  elements: dict
  sample: []
alerts:
  description: Alerts that are active, or were in O(range); the worst first. V(inactive) are those that are over.
  returned: success
  type: list
  elements: dict
  sample: [{name: LoggyTargetDown, state: firing}]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module
from ansible_collections.loggy.pipeline.plugins.module_utils.prometheus.dashboard_page import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
