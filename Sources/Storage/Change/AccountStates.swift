import Locking

/// Tells states of an account's rows apart, so that what was made of them may be kept for as long as they stay the same.
///
/// ```
/// who commits   note: account 3, batch 7 ─► batch 7 counts
/// who reads     snapshot up to batch 6: nil, since batch 7 may have changed what this does not see
///               snapshot up to batch 7: 7, and so on until account 3 writes again
/// ```
///
/// Kept in memory, without a row: numbers of another process mean nothing.
package final class AccountStates: Sendable {
    /// Accounts whose numbers differ by a multiple of this share a place: what one writes counts for the others too.
    static let placesMax = 4_096

    private let keys: AccountKeys
    /// The last batch that may have written rows of a place's accounts.
    private let last = Locked([UInt64](repeating: 0, count: placesMax))

    /// `keys`: the rows that count.
    package init(of keys: AccountKeys) { self.keys = keys }

    /// Notes what a batch writes, before it counts.
    package func note<C: Sequence<Changeset>>(_ changesets: C, in batch: UInt64) {
        last.withLock { last in
            for changeset in changesets {
                for mutation in changeset.mutations {
                    switch keys.accounts(of: mutation) {
                    case .none: break
                    case .one(let account): last[Int(account) % Self.placesMax] = batch
                    case .all: for place in last.indices { last[place] = batch }
                    }
                }
            }
        }
    }

    /// Notes that a batch may write anything.
    package func noteAll(in batch: UInt64) {
        last.withLock { last in for place in last.indices { last[place] = batch } }
    }

    /// The state of an account's rows that a snapshot of all batches up to one sees; nil if that is not known.
    package func state(of account: UInt32, upTo batch: UInt64) -> UInt64? {
        let state = last.withLock { $0[Int(account) % Self.placesMax] }
        return state <= batch ? state : nil
    }
}

/// Rows in whose keys the number of an account follows the first byte, in four bytes, the highest first; edges belong to the account of
/// their space.
package struct AccountKeys: Sendable {
    /// What their keys begin with.
    private let firstBytes: ClosedRange<UInt8>

    package init(firstBytes: ClosedRange<UInt8>) { self.firstBytes = firstBytes }

    /// Every row but those of the log.
    package static let all = AccountKeys(firstBytes: ReservedKeys.userFirstByteMin ... .max)

    enum Accounts { case none, one(UInt32), all }

    /// Whose rows a mutation may write or delete.
    func accounts(of mutation: Mutation) -> Accounts {
        switch mutation {
        case .put(let key, _), .delete(let key), .increment(let key, _), .deletePrefix(let key, _):
            accounts(of: key)
        case .tally(let tally, _, _): accounts(of: tally.counts)
        case .link(let edges, _), .unlink(let edges): .one(edges.space)
        case .unlinkMembers(let space, _), .unlinkContainers(let space, _): .one(space)
        case .version, .append, .trimLog: .none
        }
    }

    private func accounts(of key: Key) -> Accounts {
        guard let first = key.bytes.first else { return .all }
        guard firstBytes.contains(first) else { return .none }
        guard key.bytes.count >= 5 else { return .all }
        var account: UInt32 = 0
        for index in 1...4 { account = account << 8 | UInt32(key.bytes[index]) }
        return .one(account)
    }
}
