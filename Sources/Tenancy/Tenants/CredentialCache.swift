internal import Locking

/// A token's row, and what it leads to.
struct Credential: Sendable {
    enum Access: Sendable {
        case known(TenantAccess)
        /// The tenant is there, but its own schemas are yet to be read.
        case unread(tenant: UInt32)
    }

    let token: Token
    /// Nil if the token's tenant is gone.
    let access: Access?

    var isWhole: Bool { if case .unread? = access { false } else { true } }
}

/// The credentials that requests have used since the store's last commit.
///
/// Between two commits nothing can change what a token leads to. Many requests come between them even while clients
/// write, since a commit takes many changes together.
final class CredentialCache: Sendable {
    /// Beyond this number of tokens all are forgotten.
    static let tokensMax = 1_024

    private struct Contents {
        var generation: UInt64 = 0
        var credentials: [String: Credential] = [:]
    }

    private let contents = Locked(Contents())

    /// What was kept in this generation of the store.
    func credential(_ id: String, _ generation: UInt64) -> Credential? {
        contents.withLock { $0.generation == generation ? $0.credentials[id] : nil }
    }

    /// Keeps what was read after the store's generation was asked for; the newest generation drives out the others.
    func keep(_ credential: Credential, _ generation: UInt64) {
        contents.withLock { contents in
            guard generation >= contents.generation else { return }
            if generation > contents.generation || contents.credentials.count >= Self.tokensMax {
                contents.credentials.removeAll(keepingCapacity: true)
            }
            contents.generation = generation
            contents.credentials[credential.token.id] = credential
        }
    }
}
