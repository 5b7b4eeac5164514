/// The rows of which a store tells when one of them may have been written (``Store/generation``).
package struct WatchedKeys: Sendable {
    /// What their keys begin with.
    private let firstBytes: ClosedRange<UInt8>

    package init(firstBytes: ClosedRange<UInt8>) { self.firstBytes = firstBytes }

    /// Every row but those of edges and of the log.
    package static let all = WatchedKeys(firstBytes: ReservedKeys.userFirstByteMin ... .max)

    /// Whether a changeset writes or deletes such a row, if it takes effect.
    package func isWritten(by changeset: Changeset) -> Bool {
        changeset.mutations.contains { mutation in
            switch mutation {
            case .put(let key, _), .delete(let key), .increment(let key, _), .deletePrefix(let key, _):
                key.bytes.first.map(firstBytes.contains) ?? true
            case .tally(let tally, _, _): tally.counts.bytes.first.map(firstBytes.contains) ?? true
            case .version, .link, .unlink, .unlinkMembers, .unlinkContainers, .append, .trimLog: false
            }
        }
    }
}
