import Synchronization

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
    /// The last batch that may have written rows of a place's accounts, and of its kinds.
    private let accounts: Places = InlineArray { _ in Atomic(0) }
    private let kinds: Places = InlineArray { _ in Atomic(0) }

    private typealias Places = InlineArray<4_096, Atomic<UInt64>>

    /// `keys`: the rows that count.
    package init(of keys: AccountKeys) { self.keys = keys }

    /// Notes what a changeset of a batch writes, before that counts; by one thread at a time.
    package func note(_ changeset: Changeset, in batch: UInt64) {
        for mutation in changeset.mutations {
            switch keys.rows(of: mutation) {
            case .none: break
            case .account(let account): accounts[place(account)].store(batch, ordering: .relaxed)
            case .kind(let account, let kind):
                accounts[place(account)].store(batch, ordering: .relaxed)
                kinds[place(account, kind)].store(batch, ordering: .relaxed)
            case .allKinds(let account):
                accounts[place(account)].store(batch, ordering: .relaxed)
                for kind in UInt8.min ... .max {
                    kinds[place(account, kind)].store(batch, ordering: .relaxed)
                }
            case .all: noteAll(in: batch)
            }
        }
    }

    /// Notes that a batch may write anything.
    package func noteAll(in batch: UInt64) {
        for place in 0..<Self.placesMax {
            accounts[place].store(batch, ordering: .relaxed)
            kinds[place].store(batch, ordering: .relaxed)
        }
    }

    /// The state of an account's rows that a snapshot of all batches up to one sees; nil if that is not known.
    ///
    /// What is read here is no older than what the snapshot's number was published behind.
    package func state(of account: UInt32, upTo batch: UInt64) -> UInt64? {
        let state = accounts[place(account)].load(ordering: .relaxed)
        return state <= batch ? state : nil
    }

    /// The same of an account's rows of one kind.
    package func state(of account: UInt32, kind: UInt8, upTo batch: UInt64) -> UInt64? {
        let state = kinds[place(account, kind)].load(ordering: .relaxed)
        return state <= batch ? state : nil
    }

    private func place(_ account: UInt32) -> Int { Int(account) % Self.placesMax }

    private func place(_ account: UInt32, _ kind: UInt8) -> Int {
        (Int(account) &* 31 &+ Int(kind)) % Self.placesMax
    }
}

/// Rows in whose keys the number of an account follows the first byte, in four bytes, the highest first; edges belong to the account of
/// their space.
package struct AccountKeys: Sendable {
    /// What their keys begin with.
    private let firstBytes: ClosedRange<UInt8>
    /// What the keys of those rows begin with in which a byte for their kind follows the account's number.
    private let withKind: UInt8

    package init(firstBytes: ClosedRange<UInt8>, withKind: UInt8) {
        self.firstBytes = firstBytes
        self.withKind = withKind
    }

    /// Every row but those of the log.
    package static let all = AccountKeys(firstBytes: ReservedKeys.userFirstByteMin ... .max, withKind: 0x20)

    enum Rows { case none, account(UInt32), kind(UInt32, UInt8), allKinds(UInt32), all }

    /// Which rows a mutation may write or delete.
    func rows(of mutation: Mutation) -> Rows {
        switch mutation {
        case .put(let key, _), .delete(let key), .increment(let key, _), .deletePrefix(let key, _):
            rows(of: key)
        case .tally(let tally, _, _): rows(of: tally.counts)
        case .link(let edges, _), .unlink(let edges): .account(edges.space)
        case .unlinkMembers(let space, _), .unlinkContainers(let space, _): .account(space)
        case .version, .append, .trimLog: .none
        }
    }

    private func rows(of key: Key) -> Rows {
        let bytes = key.bytes
        guard let first = bytes.first else { return .all }
        guard firstBytes.contains(first) else { return .none }
        guard bytes.count >= 5 else { return .all }
        var account: UInt32 = 0
        for index in 1...4 { account = account << 8 | UInt32(bytes[index]) }
        guard first == withKind else { return .account(account) }
        return bytes.count > 5 ? .kind(account, bytes[5]) : .allKinds(account)
    }
}
