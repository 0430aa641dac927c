#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The expected JUnit reports are valid against the schema that CI servers share. Skipped where there is no xmllint.
set -euo pipefail
readonly reports=${SERIN_SOURCE_DIR:?}/tests/golden/reports

if ! command -v xmllint >/dev/null; then
    echo 'skipped: no xmllint (Debian package libxml2-utils)'
    exit 77
fi
xmllint --noout --nonet --schema "$reports/junit.xsd" "$reports/junit.xml" "$reports/junit-nothing.xml"
# A schema that allows anything proves nothing.
if sed 's/classname=/class=/' "$reports/junit.xml" | xmllint --noout --nonet --schema "$reports/junit.xsd" - 2>/dev/null; then
    echo 'the schema allowed an unknown attribute' >&2
    exit 1
fi
