import Locking

/// A place where a handler keeps what it has found out about a connection; gone with the connection.
package final class ConnectionMemo: Sendable {
    private let kept = Locked<(any AnyObject & Sendable)?>(nil)

    package init() {}

    package var value: (any AnyObject & Sendable)? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}
