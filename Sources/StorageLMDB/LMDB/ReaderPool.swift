import Storage

/// Read transactions for whoever asks, reused.
final class ReaderPool: Sendable {
    private struct State {
        var idle: [ReadTransaction] = []
        var lentCount = 0
        var isClosed = false
    }

    private let environment: Environment
    private let overlay: Overlay
    private let lentMax: Int
    private let state = Monitor(State())

    /// Idle transactions beyond these are ended: they were made for a burst.
    private static let idleMax = 64

    init(_ environment: Environment, _ overlay: Overlay, lentMax: Int) {
        self.lentMax = lentMax
        self.environment = environment
        self.overlay = overlay
    }

    private enum Lent { case idle(ReadTransaction), none, closed, busy }

    /// Lends a live transaction to a body; it never outlives it.
    func withTransaction(_ body: (ReadTransaction) throws(StoreError) -> Void) throws(StoreError) {
        if let turn = TurnReader.current(of: self), !turn.isLent {
            turn.isLent = true
            defer { turn.isLent = false }
            return try body(try live(turn))
        }
        let transaction = try take()
        defer { giveBack(transaction) }
        try body(transaction)
    }

    /// The transaction that a thread keeps until its turn ends, seeing all that counts by now.
    private func live(_ turn: TurnReader) throws(StoreError) -> ReadTransaction {
        if let transaction = turn.transaction {
            if transaction.advance(overlay) { return transaction }
            turn.transaction = nil
            giveBack(transaction)
        }
        let transaction = try take()
        turn.transaction = transaction
        return transaction
    }

    /// Ends a turn of the calling thread, which keeps one transaction for all snapshots of a turn from then on.
    func endTurn() {
        let turn = TurnReader.current(of: self) ?? TurnReader.begin(of: self)
        guard let transaction = turn.transaction else { return }
        turn.transaction = nil
        giveBack(transaction)
    }

    /// Takes a transaction that is given back, and makes it live.
    private func take() throws(StoreError) -> ReadTransaction {
        let lent = state.withLock { state -> Lent in
            guard !state.isClosed else { return .closed }
            guard state.lentCount < lentMax else { return .busy }
            state.lentCount += 1
            return state.idle.popLast().map { .idle($0) } ?? .none
        }
        let transaction: ReadTransaction
        switch lent {
        case .closed: throw .closed
        case .busy: throw .busy
        case .idle(let idle): transaction = idle
        case .none:
            do throws(StoreError) { transaction = try ReadTransaction(environment) } catch {
                takeBack(nil)
                throw error
            }
        }
        do throws(StoreError) { try transaction.renew(overlay) } catch {
            transaction.end()
            takeBack(nil)
            throw error
        }
        return transaction
    }

    private func giveBack(_ transaction: ReadTransaction) {
        transaction.reset()
        takeBack(transaction)
    }

    private func takeBack(_ transaction: ReadTransaction?) {
        let wakes = state.withLock { state in
            state.lentCount -= 1
            if let transaction {
                transaction.letGo(except: overlay.currentSerial)
                if state.idle.count < ReaderPool.idleMax {
                    state.idle.append(transaction)
                } else {
                    transaction.end()
                }
            }
            return state.isClosed
        }
        if wakes { state.wakeAll() }
    }

    /// Lets idle transactions let go of runs that are no longer in the list; those that are lent do so when they come back.
    func letGoOfRuns() {
        let serial = overlay.currentSerial
        state.withLock { state in for transaction in state.idle { transaction.letGo(except: serial) } }
    }

    /// Lends no more, waits for what is lent, ends all transactions.
    func close() {
        state.withLock { $0.isClosed = true }
        state.wait { state -> Void? in
            guard state.lentCount == 0 else { return nil }
            for transaction in state.idle { transaction.end() }
            state.idle = []
            return ()
        }
    }
}
