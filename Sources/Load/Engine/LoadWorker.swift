import DequeModule
import HTTP
import OutgoingHTTP
import Reactor

/// The part of a phase on one event loop.
///
/// ```
///   open all connections ─► warm up ─► measure ─► wait for the last answers ─► figures
/// ```
actor LoadWorker: LoopHandler {
    /// How often it is looked for what takes too long, and for lost connections that are to be replaced.
    private static let tick = Duration.milliseconds(20)
    /// How long a lost connection stays unreplaced, so that a server that takes none is not stormed.
    private static let reopenPause = Duration.milliseconds(100)
    private static let bufferBytes = 64 * 1024

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let phase: LoadPhase
    private let place: (index: Int, count: Int)
    private let timeout: Duration

    private var seats: [LoadSeat] = []
    /// By slot of the registration; -1 for none of ours.
    private var seatOfSlot: [Int] = []
    /// Seats of an open loop whose connections wait for something to send.
    private var free = Deque<Int>()
    private var schedule: Schedule?
    private var timer: PreciseTimer?
    private var (timerRegistration, tickRegistration): (Registration?, Registration?) = (nil, nil)

    private var figures = PhaseFigures()
    private var request: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: bufferBytes)

    private var hasStarted = false
    /// From when on requests count, and from when on none is sent.
    private var (measured, end) = (LoopInstant(nanoseconds: 0), LoopInstant(nanoseconds: .max))
    /// When something was last answered, or failed.
    private var lastEvent = LoopInstant(nanoseconds: 0)
    private var completion: CheckedContinuation<PhaseFigures, Never>?

    init(_ phase: LoadPhase, on loop: EventLoop, worker: Int, of workers: Int) {
        self.phase = phase
        self.loop = loop
        place = (worker, workers)
        timeout = .seconds(phase.timeoutSeconds)
    }

    /// Carries the phase out.
    ///
    /// - Throws: ``SystemError`` if the loop cannot watch.
    func run() async throws(SystemError) -> PhaseFigures {
        if case .open = phase.pace {
            let timer = try PreciseTimer()
            timerRegistration = try loop.register(timer.descriptor, handler: self)
            self.timer = consume timer
        }
        tickRegistration = try loop.register(nil, handler: self)
        for number in stride(from: place.index, to: phase.connections, by: place.count) {
            seats.append(LoadSeat(script: phase.script(number)))
        }
        return await withCheckedContinuation { continuation in
            completion = continuation
            for index in seats.indices { open(index) }
            setTick()
        }
    }

    /// What has come so far.
    func glimpse() -> LoadGlimpse {
        let service = figures.service
        return LoadGlimpse(
            answered: figures.answered,
            faults: figures.unexpected + figures.failed,
            median: service.quantile(0.5),
            high: service.quantile(0.99)
        )
    }

    nonisolated func ready(_ descriptors: [ReadyDescriptor]) {
        assumeIsolated { worker in
            for descriptor in descriptors {
                if descriptor.registration == worker.timerRegistration {
                    worker.sendDue()
                } else {
                    worker.connectionReady(descriptor)
                }
            }
        }
    }

    nonisolated func deadlineReached(_ registration: Registration) {
        assumeIsolated { $0.lookAround() }
    }
}

// MARK: - Connections

extension LoadWorker {
    private func open(_ index: Int) {
        let seat = seats[index]
        seat.reopens = nil
        seat.begun = .now
        do throws(ExchangeError) {
            let connection = try KeptConnection(to: phase.place, limits: LoadLimits.http)
            seat.connection = connection
            do throws(SystemError) {
                let registration = try loop.register(connection.descriptor, handler: self)
                seat.registration = registration
                while seatOfSlot.count <= Int(registration.slot) { seatOfSlot.append(-1) }
                seatOfSlot[Int(registration.slot)] = index
            } catch { throw .unreachable(host: phase.place.url.host, reason: error.description) }
        } catch { lost(index, error) }
    }

    private func close(_ index: Int) {
        let seat = seats[index]
        if let registration = seat.registration {
            seatOfSlot[Int(registration.slot)] = -1
            loop.deregister(registration)
        }
        if let connection = seat.connection {
            figures.bytesSent += connection.bytesSent
            figures.bytesReceived += connection.bytesReceived
        }
        seat.registration = nil
        seat.connection = nil
    }

    private func connectionReady(_ descriptor: ReadyDescriptor) {
        let slot = Int(descriptor.registration.slot)
        guard slot < seatOfSlot.count, seatOfSlot[slot] >= 0 else { return }
        let index = seatOfSlot[slot]
        guard seats[index].registration == descriptor.registration,
            let connection = seats[index].connection
        else { return }
        take(connection.ready(descriptor.readiness, &buffer), index)
    }

    private func take(_ event: KeptConnection.Event, _ index: Int) {
        switch event {
        case .nothing: break
        case .opened:
            figures.connectionsOpened += 1
            hasBegun(index)
            becameFree(index)
        case .answer(let answer): take(answer, index)
        case .ended(let error): lost(index, error)
        }
    }

    private func take(_ answer: ReceivedResponse, _ index: Int) {
        let seat = seats[index]
        let now = LoopInstant.now
        lastEvent = now
        let isExpected = seat.script.take(answer)
        if let asking = seat.asking {
            seat.asking = nil
            if asking.isCounted {
                figures.note(
                    asking.operation,
                    status: Int(answer.status.code),
                    isExpected: isExpected,
                    service: Int(now.nanoseconds - asking.sent.nanoseconds),
                    response: asking.due.map { Int(now.nanoseconds - $0.nanoseconds) },
                    second: Int((now.nanoseconds - measured.nanoseconds) / 1_000_000_000)
                )
            } else {
                figures.warmUp += 1
            }
        }
        if answer.closesConnection {
            close(index)
            guard !isOver(now) else { return endIfDone() }
            open(index)
        } else {
            becameFree(index)
        }
    }

    /// A connection is over; without an error the server has ended it while nothing was under way.
    private func lost(_ index: Int, _ error: ExchangeError?) {
        let seat = seats[index]
        if let error {
            lastEvent = .now
            if let asking = seat.asking {
                _ = seat.script.take(nil)
                if asking.isCounted { figures.note(LoadFailure(error)) } else { figures.warmUp += 1 }
            } else {
                figures.note(LoadFailure(error))
            }
        }
        seat.asking = nil
        close(index)
        seat.reopens = error == nil ? .now : LoopInstant.now.advanced(by: Self.reopenPause)
        hasBegun(index)
        endIfDone()
    }

    /// The time runs once each connection is there, or has failed once.
    private func hasBegun(_ index: Int) {
        guard !seats[index].hasBegun else { return }
        seats[index].hasBegun = true
        guard !hasStarted, seats.allSatisfy(\.hasBegun) else { return }
        hasStarted = true
        let start = LoopInstant.now
        measured = start.advanced(by: .seconds(phase.warmUpSeconds))
        if let seconds = phase.durationSeconds { end = measured.advanced(by: .seconds(seconds)) }
        if case .open(let perSecond) = phase.pace {
            schedule = Schedule(
                perSecond: perSecond,
                worker: place.index,
                of: place.count,
                from: start,
                until: end
            )
        }
        for index in seats.indices where seats[index].connection?.isOpen == true { becameFree(index) }
    }
}

// MARK: - Requests

extension LoadWorker {
    private func isOver(_ now: LoopInstant) -> Bool { now >= end }

    private func becameFree(_ index: Int) {
        guard hasStarted else { return }
        switch phase.pace {
        case .closed: send(index, due: nil)
        case .open:
            free.append(index)
            sendDue()
        }
    }

    /// Sends what is due, as far as there are connections for it, and waits for the next moment.
    private func sendDue() {
        while let due = schedule?.nextDue {
            let now = LoopInstant.now
            // What was due before the end is sent behind it no more: it counts as unsent.
            guard !isOver(now) else { break }
            guard !free.isEmpty else { return }
            guard due <= now else {
                timer?.set(due)
                return
            }
            guard let index = free.popFirst(), seats[index].connection?.isOpen == true else { continue }
            schedule?.advance()
            send(index, due: due)
        }
        endIfDone()
    }

    private func send(_ index: Int, due: LoopInstant?) {
        let seat = seats[index]
        let now = LoopInstant.now
        guard !isOver(now), let connection = seat.connection, connection.isOpen else { return endIfDone() }
        request.removeAll(keepingCapacity: true)
        guard let operation = seat.script.next(&request) else {
            seat.isDone = true
            return endIfDone()
        }
        seat.asking = LoadSeat.Asking(
            operation: operation,
            due: due,
            sent: now,
            isCounted: (due ?? now) >= measured
        )
        take(connection.ask(request), index)
    }
}

// MARK: - The time

extension LoadWorker {
    private func setTick() {
        guard let tickRegistration else { return }
        loop.setDeadline(LoopInstant.now.advanced(by: Self.tick), of: tickRegistration)
    }

    private func lookAround() {
        guard completion != nil else { return }
        let now = LoopInstant.now
        for index in seats.indices {
            let seat = seats[index]
            if let asking = seat.asking {
                guard asking.sent.advanced(by: timeout) <= now else { continue }
                lost(index, .timeout(host: phase.place.url.host, seconds: phase.timeoutSeconds))
            } else if let reopens = seat.reopens {
                if reopens <= now, !isOver(now), !seat.isDone { open(index) }
            } else if let connection = seat.connection, !connection.isOpen,
                seat.begun.advanced(by: timeout) <= now
            {
                lost(index, .timeout(host: phase.place.url.host, seconds: phase.timeoutSeconds))
            }
        }
        endIfDone()
        if completion != nil { setTick() }
    }

    /// Ends the phase when nothing is under way and nothing is to be sent any more.
    private func endIfDone() {
        guard hasStarted, let completion else { return }
        let isDone =
            isOver(.now) || seats.allSatisfy(\.isDone)
            || phase.durationSeconds == nil && figures.failed >= LoadLimits.preparationFailuresMax
        guard isDone, seats.allSatisfy({ $0.asking == nil }) else { return }
        self.completion = nil
        for index in seats.indices { close(index) }
        if let tickRegistration { loop.deregister(tickRegistration) }
        if let timerRegistration { loop.deregister(timerRegistration) }
        if let schedule {
            let (count, longest) = schedule.overdue
            figures.unsent = count
            let interval = max(1, Int(schedule.interval))
            if count > 0 {
                figures.unsentWaits.record(longest)
                figures.unsentWaits.recordHeldUp(by: longest, each: interval, least: 1)
            }
        }
        let last = max(lastEvent, min(end, .now))
        figures.elapsedNanoseconds = max(0, Int(last.nanoseconds - measured.nanoseconds))
        completion.resume(returning: figures)
    }
}

/// How a phase stands while it goes on; latencies in nanoseconds.
package struct LoadGlimpse: Sendable {
    package var answered: Int
    /// Answers that were not as expected, and requests without one.
    package var faults: Int
    package var median: Int
    /// The 99th percentile.
    package var high: Int
}
