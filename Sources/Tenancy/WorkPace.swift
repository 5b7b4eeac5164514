/// Where work is done, and so how long it may take at a stretch.
package enum WorkPace: Sendable {
    /// On an event loop, which nothing holds for more than about two milliseconds: ``DirectoryError/tooLongForLoop`` tells of
    /// what would.
    case loop
    /// Beside the loops, as ``BackgroundWork``.
    case background
}
