#!/usr/bin/env bash
# Installs the programs that tests run for real: InfluxDB 1.x, Mosquitto, Chromium, ffmpeg, SoX, espeak-ng, strace, and,
# where it can be had, pocketsphinx.
# Does nothing when all are there. Debian and its relatives only; elsewhere it says what to install.
set -euo pipefail

PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin"
declare -A package_of=(
  [influxd]=influxdb [mosquitto]=mosquitto [mosquitto_pub]=mosquitto-clients
  [chromium]=chromium [ffmpeg]=ffmpeg [sox]=sox [espeak-ng]=espeak-ng [strace]=strace [openssl]=openssl
)

missing() {
  for program in "${!package_of[@]}"; do
    command -v "$program" >/dev/null || echo "${package_of[$program]}"
  done | sort
}

fail() {
  echo "services: $1; install by hand: ${packages[*]}" >&2
  exit 1
}

# Why nothing can be installed: an error where something must be.
cannot() {
  ((${#packages[@]} == 0)) || fail "$1"
  echo "services: ready without ${optional[*]}: $1"
  exit 0
}

mapfile -t packages < <(missing)
# The content attack (test/attack) is tried where Debian's recogniser is to be had, and skipped elsewhere.
optional=()
command -v pocketsphinx_batch >/dev/null || optional=(pocketsphinx pocketsphinx-en-us)
if ((${#packages[@]} + ${#optional[@]} == 0)); then
  echo "services: all there"
  exit 0
fi

command -v apt-get >/dev/null || cannot "no apt-get on this system"
as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || cannot "neither root nor sudo"
  as_root=(sudo)
fi

install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

echo "services: installing ${packages[*]} ${optional[*]}"
"${as_root[@]}" apt-get -qq update || cannot "apt-get update failed"
((${#packages[@]} == 0)) || install "${packages[@]}" || fail "apt-get install failed"
((${#optional[@]} == 0)) || install "${optional[@]}" || echo "services: going on without ${optional[*]}"

# Tests start their own on free ports; a package must not leave a daemon on the default port that nobody asked for.
if [[ -d /run/systemd/system ]]; then
  for package in "${packages[@]}"; do
    case "$package" in influxdb | mosquitto) "${as_root[@]}" systemctl disable --quiet --now "$package" || true ;; esac
  done
fi

mapfile -t packages < <(missing)
((${#packages[@]} == 0)) || fail "still missing after installation"
echo "services: ready"
