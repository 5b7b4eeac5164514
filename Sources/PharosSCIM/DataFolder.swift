import JSON
import Reactor

/// What lies where in a data folder.
///
/// ```
/// DIR/store/        the records, their indexes and the audit outbox
/// DIR/store.new/    a store that is being made of a backup
/// DIR/store.TIME/   the store that `restore --force` has replaced at that time
/// DIR/admin.sock    where a running server takes commands
/// DIR/running       is there while a server runs, and after one that crashed or was killed
/// DIR/public-url    how clients reach the server, for the Tenant URLs that commands print
/// DIR/audit-key     the key that signs the audit trail, if no other one is given
/// DIR/audit-heads   where the streams of the audit trail ended at the last checkpoint
/// DIR/audit-verified  where they ended when they were verified last
/// DIR/tls/          the quickstart's self-signed certificate and its key
/// ```
struct DataFolder: Sendable {
    let path: String
    /// Where this process takes commands if it serves.
    let adminSocketPath: String
    /// Where a running server may take commands, in the order in which they are tried.
    let adminSocketPaths: [String]

    /// The folder and the socket of the systemd units.
    static let defaultPath = "/var/lib/pharos-scim"
    private static let unitSocketPath = "/run/pharos-scim/admin.sock"
    private static let mode: UInt32 = 0o700
    private static let publicURLBytesMax = 2_048

    init(path: String, adminSocketPath: String? = nil) {
        self.path = path
        let own = adminSocketPath ?? "\(path)/admin.sock"
        self.adminSocketPath = own
        let hasUnitSocket = adminSocketPath == nil && path == Self.defaultPath
        adminSocketPaths = hasUnitSocket ? [own, Self.unitSocketPath] : [own]
    }

    var storePath: String { "\(path)/store" }
    /// Where the commit log is.
    var logPath: String { "\(storePath)/log" }
    var newStorePath: String { "\(storePath).new" }
    /// Where a store is kept that is replaced at a time.
    func formerStorePath(at time: Timestamp) -> String {
        "\(storePath).\(time.text.replacing(":", with: ""))"
    }
    var certificatePath: String { "\(path)/tls/certificate.pem" }
    var keyPath: String { "\(path)/tls/key.pem" }
    var auditKeyPath: String { "\(path)/audit-key" }
    var auditHeadsPath: String { "\(path)/audit-heads" }
    var auditVerifiedPath: String { "\(path)/audit-verified" }
    private var publicURLPath: String { "\(path)/public-url" }

    /// Makes the folder, readable for its owner only, if it is not there.
    func make() throws(HostError) {
        try Host.makeFolder(path, mode: Self.mode)
    }

    /// Makes the folder of the quickstart's certificate.
    func makeTLSFolder() throws(HostError) {
        try Host.makeFolder("\(path)/tls", mode: Self.mode)
    }

    /// Refuses a folder that is another user's: what this one would write there, that one could not read.
    func requireOwner() throws {
        guard let owner = Host.owner(of: path), owner != Host.userID else { return }
        let name = Host.userName(owner) ?? "\(owner)"
        throw CommandFailure(.refused, "\(path) belongs to user \(name): run this as that user.")
    }

    /// Whether a store has been made here.
    var holdsStore: Bool { Host.exists("\(storePath)/data.mdb") }

    /// How the last server was reached; nil if none has run here.
    func readPublicURL() -> String? {
        let bytes = try? Host.readFile(publicURLPath, bytesMax: Self.publicURLBytesMax)
        return bytes.flatMap { $0 }.map { String(decoding: $0, as: UTF8.self).trimmingNewline }
    }

    /// Notes how the server is reached, for commands that run while it does not.
    func notePublicURL(_ url: String) throws(HostError) {
        guard readPublicURL() != url else { return }
        try Host.replaceFile(publicURLPath, with: Array("\(url)\n".utf8), mode: 0o600)
    }
}

extension String {
    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
