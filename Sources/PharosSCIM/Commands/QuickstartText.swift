import JSON

/// What the quickstart says when it is ready to answer.
struct QuickstartText {
    let tenantURL: String
    let token: String
    let consoleURL: String
    /// Good for one sign-in.
    let consoleLink: String
    let linkMinutes: Int
    /// The certificate that clients trust; nil without TLS.
    let caFile: String?
    let dataPath: String
    let hasJournal: Bool

    var json: JSONObject {
        JSONObject(uniqueMembers: [
            .init(name: "tenantURL", value: .string(tenantURL)), .init(name: "token", value: .string(token)),
            .init(name: "consoleURL", value: .string(consoleURL)),
            .init(name: "consoleLink", value: .string(consoleLink)),
            .init(name: "caFile", value: caFile.map(JSONValue.string) ?? .null),
        ])
    }

    func show() {
        let curl = caFile.map { "curl --cacert \(quoted($0))" } ?? "curl"
        let authorization = "-H 'Authorization: Bearer \(token)'"
        let audit =
            hasJournal
            ? """
            Every change has an entry in the journal; as sentences, while they come:
              pharos-scim audit show --follow --journal-namespace ''
            """
            : """
            There is no journal on this machine that could be read back. Each audit record follows here, on standard
            output, as a sentence; with a journal, `pharos-scim audit show` shows them.
            """
        Terminal.show(
            """
            pharos-scim serves the tenant demo.

              Tenant URL  \(tenantURL)
              Token       \(token)

            The web console, for one sign-in within \(linkMinutes) minutes:
              \(consoleLink)

            Create a user, find it by its name, list the first ten:
              \(curl) \(authorization) -H 'Content-Type: application/scim+json' -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bjensen","active":true}' \(tenantURL)/Users
              \(curl) \(authorization) --get --data-urlencode 'filter=userName eq "bjensen"' \(tenantURL)/Users
              \(curl) \(authorization) '\(tenantURL)/Users?startIndex=1&count=10'

            \(audit)

            Commands for this server need its data folder, for example:
              pharos-scim tenant list --data \(quoted(dataPath))

            Ctrl-C ends it.

            """
        )
    }

    private func quoted(_ path: String) -> String {
        path.allSatisfy { $0.isLetter || $0.isNumber || "/._-".contains($0) }
            ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }
}
