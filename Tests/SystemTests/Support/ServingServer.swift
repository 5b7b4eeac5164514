import Foundation

/// `pharos-scim serve` over plain HTTP, with the audit entries on standard output.
struct ServingServer {
    let server: ServerUnderTest

    init(data: URL, _ arguments: [String] = ["--http", "--audit-output", "stdout"]) throws {
        server = try ServerUnderTest("serve", data: data, arguments)
    }

    /// One that has been started in another way.
    init(_ server: ServerUnderTest) { self.server = server }

    /// Scheme and authority, as the server has chosen them.
    var url: String { server.ready["publicURL"] as? String ?? "" }

    /// Makes a tenant, enables it and gives a client with its token.
    func newTenant(_ name: String) throws -> Client {
        for arguments in [["tenant", "create", name], ["tenant", "enable-scim", name]] {
            let finished = try Program.run(
                Program.pharos,
                arguments + ["--data", server.data.path, "--json"]
            )
            guard finished.status == 0 else { throw Failure(finished.errors) }
        }
        let finished = try server.run("token", "generate", name)
        guard finished.status == 0 else { throw Failure(finished.errors) }
        return Client(url: "\(url)/\(name)/scim/v2", token: finished.json["token"] as? String)
    }
}
