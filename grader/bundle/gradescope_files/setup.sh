#!/bin/sh
# Gradescope runs this once, while it builds the image. It needs no network and installs nothing: the packages that the
# grader needs are in wheels/, and go to a folder of their own that only the grader looks into.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077
source=$(cd "$(dirname "$0")" && pwd)

fail() {
  echo "autodiff-grader: SET-UP FAILED: $1"
  echo "autodiff-grader: nothing can be graded with this image. What to do is in docs/gradescope.md."
  exit 1
}

command -v @PYTHON@ >/dev/null || fail "this image has no @PYTHON@; choose Ubuntu 22.04, or bundle with --python"

packages="$source/lib/site-packages"
rm -rf "$source/lib"
mkdir -p "$packages.part"
for wheel in "$source"/wheels/*.whl; do
  @PYTHON@ -I -m zipfile -e "$wheel" "$packages.part" || fail "a package cannot be unpacked"
done
mv "$packages.part" "$packages"
@PYTHON@ -I -m compileall -q "$source/grader" "$packages" >/dev/null || true  # what is not compiled is slower

# The answers are in here: for root's eyes only. A student's code runs as somebody else, in an empty folder besides.
chmod -R u+rwX,go-rwx "$source"

sh "$source/start" check || fail "grading does not work in this image; the reason is above"
echo "autodiff-grader: set up"
