/// Lets everything else that is ready on the caller's executor run first.
///
/// `Task.yield()` does not: it goes through the shared threads and back, which is right only for a caller without an actor.
package func giveWay(_ isolation: isolated (any Actor)? = #isolation) async {
    guard isolation != nil else { return await Task.yield() }
    await withUnsafeContinuation { continuation in
        Task {
            _ = isolation
            continuation.resume()
        }
    }
}
