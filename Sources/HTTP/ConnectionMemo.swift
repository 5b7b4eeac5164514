import Locking
import Synchronization

/// A place where a handler keeps what it has found out about a connection; gone with the connection, or when that has long been idle.
package final class ConnectionMemo: Sendable {
    private let kept = Locked<(any AnyObject & Sendable)?>(nil)
    private let lastAccount = Atomic<UInt32>(0)

    package init() {}

    /// On whose account the connection's last request is served: a tenant's number, or 0 as long as that is not known.
    package var account: UInt32 {
        get { lastAccount.load(ordering: .relaxed) }
        set { lastAccount.store(newValue, ordering: .relaxed) }
    }

    package var value: (any AnyObject & Sendable)? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}
