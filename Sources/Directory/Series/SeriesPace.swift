/// When a series lets others on its thread have their turn: after several changes, or after what is worth as many.
///
/// A turn between any two costs an import a sixth of its time, and others gain nothing by it.
package struct SeriesPace: Sendable {
    private var changes = 0
    private var bytesAtTurn = 0

    /// Changes between two turns.
    private static let changesMax = 16
    /// What they may stage, in bytes: about what so many users come to.
    private static let bytesMax = 65_536

    package init() {}

    /// Notes a change that is done; whether others are to have their turn now.
    ///
    /// `stagedBytes`: how much is staged for the next commit.
    package mutating func isTurnDue(_ stagedBytes: Int) -> Bool {
        changes += 1
        guard changes >= Self.changesMax || abs(stagedBytes - bytesAtTurn) >= Self.bytesMax else {
            return false
        }
        changes = 0
        bytesAtTurn = stagedBytes
        return true
    }
}
