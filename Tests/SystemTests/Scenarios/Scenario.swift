import Foundation
import Testing

/// A story in bash about a whole server and a journal of its own.
struct Scenario {
    let text: String

    static let isPossible = Client.isPossible && Journal.isPossible

    /// Plays it; `body` reads what it has left in files behind the data folder's path, such as `DATA.journal`.
    ///
    /// `files`: further ones that it finds there.
    func play<R>(
        files: [String: String] = [:],
        withClockShift: Bool = false,
        _ body: (_ file: (String) throws -> String) throws -> R
    ) throws -> R {
        try Scratch.use { folder in
            let data = folder.appending(path: "data").path
            for (name, text) in files {
                try text.write(toFile: "\(data).\(name)", atomically: true, encoding: .utf8)
            }
            let script = folder.appending(path: "scenario")
            try (Self.functions + "\n" + text).write(to: script, atomically: true, encoding: .utf8)
            let shift = withClockShift ? [try ClockShift.build(in: folder)] : []
            let finished = try Program.run(
                Journal.script,
                ["--namespace", "scim", "bash", script.path, Program.pharos, data] + shift
            )
            try #require(finished.status == 0, "\(finished.errors)")
            return try body { name in try String(contentsOfFile: "\(data).\(name)", encoding: .utf8) }
        }
    }

    /// What all of them use.
    static let functions = #"""
        set -eEu
        trap 'echo "line $LINENO failed: $BASH_COMMAND" >&2' ERR
        pharos=$1 data=$2 shim=${3:-}
        certificate() {
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
                -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -out "$data.cert" -keyout "$data.key" 2> "$data.openssl"
        }
        start() { # ARGUMENT...
            : > "$data.out"
            env ${shim:+LD_PRELOAD="$shim"} CLOCK_SHIFT=$data.shift "$pharos" serve --data "$data" --listen 127.0.0.1:0 --json \
                --tls-cert "$data.cert" --tls-key "$data.key" "$@" > "$data.out" 2>> "$data.err" &
            server=$!
            for _ in $(seq 2400); do [ -s "$data.out" ] && break; sleep 0.05; done
            [ -s "$data.out" ]
            base=$(sed 's/.*"publicURL":"\([^"]*\)".*/\1/; s|\\/|/|g' "$data.out")
            url=$base/acme/scim/v2
        }
        stop() { kill -TERM $server; wait $server; }
        shift_clock() { echo "$1" > "$data.shift"; } # seconds
        cli() { "$pharos" "$@" --data "$data" > "$data.cli"; }
        ask() { # METHOD PATH [BODY]: prints the body
            curl -sS --cacert "$data.cert" -X "$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/scim+json' \
                -H 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' \
                ${3:+--data-binary "$3"} "$url$2"
        }
        admin() { # METHOD PATH BODY [OPTION...]
            curl -sS --unix-socket "$data/admin.sock" -X "$1" -H 'Content-Type: application/json' --data-binary "$3" \
                "http://localhost$2" "${@:4}"
        }
        id() { grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4; }
        change() { # OPERATIONS: a PATCH message
            echo '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":['"$1"']}'
        }
        user() { echo '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"'"$1"'"'"${2:-}"'}'; }
        group() { echo '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"'"$1"'"'"${2:-}"'}'; }
        issue() { # COMMAND...: the token that it makes
            "$pharos" token "$@" --data "$data" --json | sed 's/.*"token":"\([^"]*\)".*/\1/'
        }
        recorded() { # EVENT [COUNT]: waits until the journal has it
            for _ in $(seq 2400); do
                [ "$(journalctl --namespace=scim SCIM_EVENT="$1" -o cat 2> /dev/null | wc -l)" -ge "${2:-1}" ] && return
                sleep 0.05
            done
            echo "no $1" >&2
            return 1
        }
        journal() { # --lost: with nothing in it
            touch "$WITH_JOURNAL_FOLDER/hold"
            kill "$(cat "$WITH_JOURNAL_FOLDER/pid")" 2> /dev/null || true
            [ "${1:-}" != --lost ] || { sleep 0.3; rm -rf /run/log/journal/*; }
        }
        journal_back() { rm -f "$WITH_JOURNAL_FOLDER/hold"; sleep 0.3; }

        """#
}
