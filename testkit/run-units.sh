#!/bin/sh
# Starts units under a service manager of their own, in a mount namespace of their own: unshare -m sh run-units.sh ROOT UNIT…
# Prints for each: its name, how starting it ended, its state and what it says, and how it ended. Protections that this machine does
# not let anybody have (EXIT_NAMESPACE, 226) are left out and listed.
set -e
root=$1
shift
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
mount -t tmpfs tmpfs /opt
mkdir -p /opt/kleak /opt/home /opt/r /opt/config/systemd/user
chmod 700 /opt/r
mount --bind "$root" /opt/kleak
units=/opt/config/systemd/user
export XDG_RUNTIME_DIR=/opt/r XDG_CONFIG_HOME=/opt/config HOME=/opt/home
systemd=/lib/systemd/systemd
[ -x $systemd ] || systemd=/usr/lib/systemd/systemd
$systemd --user --log-target=null >/opt/log 2>&1 &
manager=$!
trap 'kill $manager' EXIT
tries=0
until systemctl --user is-system-running >/dev/null 2>&1 || [ -S /opt/r/systemd/private ] || [ $tries -gt 100 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
without=
for one in ProtectHome ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectSystem PrivateTmp PrivateDevices \
  ProtectControlGroups ProtectHostname PrivateNetwork ProtectClock; do
  printf '[Service]\nType=oneshot\nExecStart=/bin/true\n%s=yes\n' $one >$units/probe-$one.service
done
systemctl --user daemon-reload
for one in $units/probe-*.service; do
  name=$(basename "$one" .service)
  systemctl --user start "$name" 2>/dev/null || without="$without ${name#probe-}"
done
echo "without$without"
for unit in "$@"; do
  # Another port, and no user made for it: a manager of a user makes none.
  sed "s#/usr/local/bin/kleak#/opt/kleak/bin/kleak#; /^DynamicUser/d; s#:7474#:17474#; s#:9999#:19999#" \
    "$root/deploy/$unit.service" >"$units/$unit.service"
  for one in $without; do sed -i "/^$one=/d" "$units/$unit.service"; done
  systemctl --user daemon-reload
  started=0
  timeout 60 systemctl --user start "$unit" 2>/dev/null || started=$?
  echo "$unit started $started $(systemctl --user show -p ActiveState --value "$unit") $(systemctl --user show -p StatusText --value "$unit")"
  sleep 3
  echo "$unit goes-on $(systemctl --user is-active "$unit" || true)"
  systemctl --user stop "$unit"
  echo "$unit stopped $(systemctl --user show -p Result --value "$unit") $(systemctl --user show -p ExecMainStatus --value "$unit")"
done
