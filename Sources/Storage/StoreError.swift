/// Why the store did not do what it was asked.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The precondition at this index did not hold; nothing was changed.
    case conflict(precondition: Int)
    /// The commit may or may not have become durable: read again before saying anything.
    case outcomeUnknown
    /// No room left; nothing was changed.
    case full
    /// The changeset, a key or a value is larger than ``StorageLimits`` allows; nothing was changed.
    case tooLarge
    /// Too many commits wait already; nothing was changed.
    case busy
    /// The clock is further ahead than it can have come by itself; nothing was changed.
    case clockAhead
    /// The store takes no more commits: it was closed, or it stopped after an error.
    case closed
    /// Another process, or another part of this one, has the store open: its name and number, if they are known.
    case inUse(holder: String?)
    /// A later program has written the store; the text names the first version that reads its format, if that is known.
    case newerFormat(UInt32, reader: String?)
    /// The store's files do not hold what they should.
    case corrupt(String)
    /// The system refused, with its error number.
    case system(code: Int32)

    package var description: String {
        switch self {
        case .conflict: "somebody else changed the same thing at the same time"
        case .outcomeUnknown: "it is not known whether the change was stored"
        case .full: "there is no room left in the store"
        case .tooLarge: "the change is larger than the store takes in one step"
        case .busy: "too many changes wait for the store"
        case .clockAhead:
            "the machine's clock was set far ahead, and no change is made under a time that is wrong"
        case .closed: "the store takes no more changes, because it was closed or has failed"
        case .inUse(let holder): "the store is open in \(holder ?? "another process")"
        case .newerFormat(let format, let reader):
            "the store has format \(format), which takes \(reader.map { "pharos-scim \($0)" } ?? "a later program") to read"
        case .corrupt(let what): "the store is damaged: \(what)"
        case .system(let code): "the system refused with error \(code)"
        }
    }
}
