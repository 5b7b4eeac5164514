import CLinux

/// What an event loop calls; always on the loop's thread.
///
/// An actor whose executor is the loop implements these as `nonisolated` methods that enter with `assumeIsolated`.
package protocol LoopHandler: AnyObject, Sendable {
    /// Descriptors became ready; edge-triggered, so the handler remembers what it does not use.
    ///
    /// All that the loop found at once and that follow each other come in one call, since entering an actor has its
    /// price. What is done about one may end the registration of a later one: handlers with several check that.
    func ready(_ descriptors: [ReadyDescriptor])

    /// The registration's deadline has passed; it is not set any more.
    func deadlineReached(_ registration: Registration)
}

/// An identity on one event loop, with or without a descriptor, and with at most one deadline.
///
/// The number travels through the kernel with each event. A slot that is used again has another generation, so an
/// event of a descriptor that was closed in the same batch never reaches its successor.
package struct Registration: Sendable, Hashable {
    /// Small and reused: an index for tables of the handler's own.
    package let slot: UInt32
    let generation: UInt32

    init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    init(number: UInt64) {
        self.init(
            slot: UInt32(truncatingIfNeeded: number),
            generation: UInt32(truncatingIfNeeded: number >> 32)
        )
    }

    var number: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}

/// A registered descriptor and what it is ready for.
package struct ReadyDescriptor: Sendable {
    package let registration: Registration
    package let readiness: Readiness
}

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ event: EPOLL_EVENTS) { rawValue = event.rawValue }

    package static var readable: Readiness { Readiness(EPOLLIN) }
    package static var writable: Readiness { Readiness(EPOLLOUT) }
    /// The peer will send no more; it may still read.
    package static var peerFinished: Readiness { Readiness(EPOLLRDHUP) }
    /// Both directions are over, or the connection failed.
    package static var hungUp: Readiness { [Readiness(EPOLLHUP), Readiness(EPOLLERR)] }
}
