import CLinux

extension EventLoop {
    /// Watches a descriptor, edge-triggered, for reading, writing and the end of either; nil makes an identity that
    /// has only a deadline.
    ///
    /// The handler is kept until ``deregister(_:)``; the descriptor stays the caller's to close, after that.
    package func register(
        _ descriptor: Int32?,
        handler: any LoopHandler
    ) throws(SystemError) -> Registration {
        checkIsolated()
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(slot)].generation = max(slots[Int(slot)].generation &+ 1, 1)
        let registration = Registration(slot: slot, generation: slots[Int(slot)].generation)
        if let descriptor {
            let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
            do throws(SystemError) {
                try control(EPOLL_CTL_ADD, descriptor, events: events, number: registration.number)
            } catch {
                freeSlots.append(slot)
                throw error
            }
        }
        slots[Int(slot)].descriptor = descriptor ?? -1
        slots[Int(slot)].handler = handler
        return registration
    }

    /// Forgets a registration and its deadline; events already fetched for it are dropped.
    ///
    /// Call it before the descriptor is closed.
    package func deregister(_ registration: Registration) {
        checkIsolated()
        let slot = Int(registration.slot)
        guard isLive(registration) else { return }
        if slots[slot].descriptor >= 0 {
            epoll_ctl(epollDescriptor, EPOLL_CTL_DEL, slots[slot].descriptor, nil)
        }
        slots[slot].handler = nil
        slots[slot].descriptor = -1
        deadlines.set(nil, of: registration.slot)
        freeSlots.append(registration.slot)
    }

    /// Sets the one deadline of a registration, replacing an earlier one; nil removes it.
    ///
    /// Fires on or after the deadline, usually within two milliseconds.
    package func setDeadline(_ deadline: LoopInstant?, of registration: Registration) {
        checkIsolated()
        guard isLive(registration) else { return }
        deadlines.set(deadline, of: registration.slot)
    }

    /// Whether a registration has not ended.
    package func isLive(_ registration: Registration) -> Bool {
        let slot = Int(registration.slot)
        return slot < slots.count && slots[slot].generation == registration.generation
            && slots[slot].handler != nil
    }

    func control(
        _ operation: Int32,
        _ descriptor: Int32,
        events: UInt32,
        number: UInt64
    ) throws(SystemError) {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: number))
        guard unsafe epoll_ctl(epollDescriptor, operation, descriptor, &event) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }
}
