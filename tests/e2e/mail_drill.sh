#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A drill of a mail channel is proven by the mail itself, which a real Dovecot shows over IMAP: a mail server that says 250 and
# throws the mail away does not pass it.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
command -v dovecot >/dev/null || skip 'dovecot-imapd is not installed'
/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || skip 'aiosmtpd is not installed'
cd "$work"
umask 022

# The mailbox. Dovecot gives nobody's mail to root, and its processes that talk to strangers are other users': they have to get
# through the folder.
mkdir -p maildir/{tmp,new,cur} dovecot/{run,state} peer
owner=$(id -un)
if [[ $EUID -eq 0 ]]; then
    owner=nobody
    chown -R nobody maildir
    chmod 711 "$work"
fi
# dovecot_config PORT
dovecot_config() {
    cat <<CONF
protocols = imap
listen = 127.0.0.1
ssl = no
base_dir = $work/dovecot/run
state_dir = $work/dovecot/state
log_path = $work/dovecot.log
mail_location = maildir:$work/maildir
mail_uid = $(id -u "$owner")
mail_gid = $(id -g "$owner")
passdb {
  driver = static
  args = password=not-a-secret
}
userdb {
  driver = static
  args = uid=$(id -u "$owner") gid=$(id -g "$owner") home=$work/maildir
}
service imap-login {
  inet_listener imap {
    port = $1
  }
  inet_listener imaps {
    port = 0
  }
}
CONF
    [[ $EUID -eq 0 ]] && return
    cat <<CONF
default_internal_user = $owner
default_internal_group = $(id -gn "$owner")
default_login_user = $owner
service imap-login {
  chroot =
}
service anvil {
  chroot =
}
CONF
}
greets() { (exec 3<>"/dev/tcp/127.0.0.1/$1" && IFS= read -r -t 2 line <&3 && [[ $line == '* OK'* ]]); }
imap=
for _ in 1 2 3; do
    port=$(free_port)
    dovecot_config "$port" >dovecot.conf
    dovecot -F -c dovecot.conf >dovecot.said 2>&1 </dev/null &
    dovecot=$!
    started "$dovecot"
    up() { greets "$port" || ! kill -0 "$dovecot"; }
    until_true_within 20 up
    if kill -0 "$dovecot" 2>/dev/null; then imap=$port; break; fi
done
[[ -n $imap ]] || { cat dovecot.said dovecot.log >&2; fail 'dovecot did not start'; }

# The mail server. It serves until its standard input ends.
mkfifo hold
/usr/bin/python3 "$SERIN_SOURCE_DIR/tests/e2e/smtp_peer.py" "$work/peer" --maildir "$work/maildir" <hold >peer.said 2>&1 &
started $!
exec 4>hold
until_true grep -q '^imap ' peer.said
smtp=$(sed -n 's/^smtp //p' peer.said)

start_echo_server
cat >health.yaml <<'YAML'
version: 1
name: health
timeout: 5s
actors:
  visitor: { api: "${target.api}" }
steps:
  - get: /health
    as: visitor
    expect: status == 200
YAML
cat >serin.yaml <<YAML
version: 1
vantage: here
store: { path: serin.db }
listen: { port: 0 }
log: { format: json }
targets:
  echo: { api: "$service" }
probes:
  health: { scenario: health.yaml, every: 10s, targets: [echo] }
alerts:
  channels:
    mail:
      mail:
        url: "smtp://127.0.0.1:$smtp"
        from: Serin <serin@example.com>
        to: [oncall@example.com]
        imap: { url: "imap://127.0.0.1:$imap/INBOX", user: oncall, password: { env: IMAP_PASSWORD } }
  levels: [{ channels: [mail] }]
YAML
IMAP_PASSWORD=not-a-secret "$SERIN" serve serin.yaml 2>serve.log </dev/null &
serve=$!
started "$serve"
listening() { sed -n 's/.*"event":"listening".*"port":"\([0-9]*\)".*/\1/p' serve.log | grep . >address || ! kill -0 "$serve"; }
until_true_within 30 listening
trouble() { tail -n 20 serve.log dovecot.log >&2; fail "$*"; }
[[ -s address ]] || trouble 'the daemon does not listen'
api=http://127.0.0.1:$(<address)

# drill: its exit code in $status. told EXPRESSION: over the first row, named x.
drill() { run_serin drill mail --server "$api" --json; }
told() { python3 -c "import json; x = json.load(open('out'))['drills'][0]; print($1)"; }
mails() { find maildir/new maildir/cur -type f | wc -l; }

drill
[[ $status -eq 0 ]] || { show; trouble 'the drill is not proven'; }
[[ $(told 'x["channel"], x["good"], x["said"]') == 'mail True read back' ]] || { show; fail 'the drill says something else'; }
[[ $(told 'x["delivered_after_ms"] > 0 and x["resolved_after_ms"] > 0') == True ]] || { show; fail 'the drill has no times'; }
[[ $(mails) -eq 2 ]] || trouble "$(mails) mails of one drill"
grep -q 'Login: user=<oncall>' dovecot.log || trouble 'nobody looked into the mailbox'

# It says 250 and forgets it: only the mailbox can tell.
echo lose >peer/mode
drill
expect_exit 1 'a drill whose mail is thrown away'
[[ $(told 'x["good"]') == False ]] || { show; fail 'a mail that nobody has is proven'; }
[[ $(told '"did not arrive" in x["said"] and "not in the mailbox" in x["said"]') == True ]] || { show; fail 'it does not say why'; }
[[ $(mails) -eq 2 ]] || trouble 'the peer kept what it should have lost'

echo ok >peer/mode
drill
expect_exit 0 'a drill after the mail server was put right'
[[ $(mails) -eq 4 ]] || trouble "$(mails) mails of two good drills"
if grep -q not-a-secret serve.log out; then fail 'the password is told'; fi

kill -TERM "$serve"
status=0
wait "$serve" || status=$?
[[ $status -eq 0 ]] || trouble "the daemon ended with exit $status"
echo 'proven by the mail, and not by a promise'
