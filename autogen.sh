#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes ./configure from a checkout. Releases carry it already.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux m4
autopoint --force
autoreconf --install --force
