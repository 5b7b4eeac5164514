import Foundation

/// A SCIM client over curl: one connection for each request.
struct Client {
    var url: String
    var token: String?
    var caFile: String?
    var headers: [String: String] = [:]
    /// The address of this machine from which it connects; nil for the system's choice.
    var interface: String?
    /// The Unix socket over which it connects; nil for TCP.
    var unixSocket: String?

    static let isPossible = Program.exists("curl")

    /// Sends a request to a path below the Tenant URL.
    func send(_ method: String, _ path: String, _ body: Any? = nil) throws -> Reply {
        var arguments = [
            "--silent", "--show-error", "--include", "--globoff", "--max-time", "30", "--noproxy", "*",
            "--request", method, url + path,
        ]
        if method == "HEAD" { arguments += ["--head"] }
        if let token { arguments += ["--header", "Authorization: Bearer \(token)"] }
        if let interface { arguments += ["--interface", interface] }
        if let unixSocket { arguments += ["--unix-socket", unixSocket] }
        if let caFile { arguments += ["--cacert", caFile] }
        if let body {
            arguments += [
                "--header", "Content-Type: application/scim+json", "--data-binary", try JSON.text(body),
            ]
        }
        for (name, value) in headers { arguments += ["--header", "\(name): \(value)"] }
        let finished = try Program.run("/usr/bin/env", ["curl"] + arguments)
        guard finished.status == 0 else { throw Failure("curl: \(finished.errors)") }
        return Reply(finished.output)
    }

    func get(_ path: String) throws -> Reply { try send("GET", path) }
    func post(_ path: String, _ body: Any) throws -> Reply { try send("POST", path, body) }
    func put(_ path: String, _ body: Any) throws -> Reply { try send("PUT", path, body) }
    func delete(_ path: String) throws -> Reply { try send("DELETE", path) }

    /// Sends PATCH operations.
    func patch(_ path: String, _ operations: [[String: Any]]) throws -> Reply {
        try send("PATCH", path, Self.patchBody(operations))
    }

    static func patchBody(_ operations: [[String: Any]]) -> [String: Any] {
        ["schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations]
    }

    /// A user as Okta creates it.
    static func user(_ name: String) -> [String: Any] {
        [
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name,
            "externalId": "00u\(name)",
            "name": ["givenName": "Isaac", "familyName": "Brock"],
            "emails": [["primary": true, "value": "\(name)@example.com", "type": "work"]],
            "displayName": "Isaac Brock", "locale": "en-US", "groups": [], "active": true,
        ]
    }

    static func group(_ name: String) -> [String: Any] {
        ["schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name, "members": []]
    }
}

/// An answer of the server.
struct Reply {
    let status: Int
    let head: String
    let body: String

    init(_ message: String) {
        let parts = message.components(separatedBy: "\r\n\r\n")
        head = parts[0]
        body = parts.dropFirst().joined(separator: "\r\n\r\n")
        let words = head.split(separator: " ")
        status = words.count > 1 ? Int(words[1].prefix(3)) ?? 0 : 0
    }

    var json: [String: Any] { JSON.object(body) }
    var id: String { json["id"] as? String ?? "" }
    var totalResults: Int? { json["totalResults"] as? Int }
    var resources: [[String: Any]] { json["Resources"] as? [[String: Any]] ?? [] }

    /// A field of the head; nil if it is not there.
    func field(_ name: String) -> String? {
        for line in head.components(separatedBy: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }
}
