internal import Locking

/// A token's row, and what it leads to.
final class Credential: Sendable {
    enum Access: Sendable {
        case known(TenantAccess)
        /// The tenant is there, but its own schemas are yet to be read.
        case unread(tenant: UInt32)
    }

    let token: Token
    /// Nil if the token's tenant is gone.
    let access: Access?

    init(token: Token, access: Access?) {
        self.token = token
        self.access = access
    }

    var isWhole: Bool { if case .unread? = access { false } else { true } }
}

/// The credentials that requests have used since the store's last commit of ``Keys/access``.
///
/// Between two of these nothing can change what a token leads to.
final class CredentialCache: Sendable {
    /// Beyond this number of tokens all are forgotten.
    static let tokensMax = 1_024

    struct Entry: Sendable {
        let credential: Credential
        /// The token's text once somebody has shown it, so that its digest need not be made again meanwhile.
        ///
        /// Kept in memory alone, where the requests that show it are too.
        var shownText: [UInt8]?
    }

    private struct Contents {
        var generation: UInt64 = 0
        var entries: [UInt64: Entry] = [:]
    }

    private let contents = Locked(Contents())

    /// What was kept of the token of a number in this generation of the store.
    func entry(_ number: UInt64, _ generation: UInt64) -> Entry? {
        contents.withLock { $0.generation == generation ? $0.entries[number] : nil }
    }

    /// Keeps what was read after the store's generation was asked for; the newest generation drives out the others.
    func keep(_ entry: Entry, _ number: UInt64, _ generation: UInt64) {
        contents.withLock { contents in
            guard generation >= contents.generation else { return }
            if generation > contents.generation || contents.entries.count >= Self.tokensMax {
                contents.entries.removeAll(keepingCapacity: true)
            }
            contents.generation = generation
            contents.entries[number] = entry
        }
    }
}
