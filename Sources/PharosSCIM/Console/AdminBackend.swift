import Console
import HTTP
import JSON
import Locking
import Logging
import Reactor

/// Sends the console's commands to the server's admin socket, on threads of its own.
struct AdminBackend: ConsoleBackend {
    let client: AdminClient
    let threads: BackgroundThreads
    let log: Logger

    /// Seconds that a page waits for the server.
    private static let timeoutSeconds = 20
    /// On whose account the work is: the threads do nothing but the console's.
    private static let account: UInt32 = 0

    func send(
        _ method: Method,
        _ path: String,
        _ body: JSONObject?,
        for person: Person?
    ) async throws(ConsoleFault) -> JSONObject {
        let content = body.map { Array($0.line.utf8) } ?? []
        let (client, id, log) = (client, person?.id, log)
        let reply = await threads.run(for: Self.account) { () -> AdminReply? in
            do {
                return try client.send(
                    method,
                    path,
                    content,
                    person: id,
                    timeoutSeconds: Self.timeoutSeconds
                )
            } catch {
                log.error("the admin socket cannot be used", metadata: ["error": "\(error)"])
                return nil
            }
        }
        guard let reply, let reply else { throw .unreachable }
        // An answer of SCIM's own has no word of the admin interface.
        guard reply.status != Status.notFound.code || !reply.object.text("error").isEmpty else {
            throw .notFound
        }
        do {
            return try reply.result()
        } catch let failure as CommandFailure {
            throw .refused(word: failure.kind.rawValue, sentence: failure.description)
        } catch {
            throw .unreachable
        }
    }
}
