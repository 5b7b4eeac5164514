import Synchronization

/// The event loops of a process, one per core.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let turn = Atomic<UInt>(0)

    /// Makes and starts `count` loops, each of which runs `endOfTurn` before it waits.
    ///
    /// - Precondition: `count` is at least 1.
    package init(
        count: Int,
        name: String = "loop",
        endOfTurn: @escaping @Sendable () -> Void = {}
    ) throws(SystemError) {
        precondition(count > 0, "a group needs a loop")
        var loops: [EventLoop] = []
        for index in 0..<count {
            do throws(SystemError) {
                loops.append(try EventLoop(index: index, name: name, endOfTurn: endOfTurn))
            } catch {
                loops.forEach { $0.shutDown() }
                throw error
            }
        }
        self.loops = loops
    }

    /// The loops in turn.
    package func next() -> EventLoop {
        loops[Int(turn.wrappingAdd(1, ordering: .relaxed).oldValue % UInt(loops.count))]
    }

    /// The loop on which everything with this hash lives.
    package func loop(forHash hash: Int) -> EventLoop {
        loops[Int(UInt(bitPattern: hash) % UInt(loops.count))]
    }

    /// Ends every loop; see ``EventLoop/shutDown()``.
    package func shutDown() { loops.forEach { $0.shutDown() } }
}
