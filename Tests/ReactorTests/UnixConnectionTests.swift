import Foundation
import Testing

@testable import Reactor

@Suite("A blocking connection to a Unix socket")
struct UnixConnectionTests {
    @Test("a peer that is gone is an error for who sends, and no signal that ends the process")
    func brokenPipe() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).sock").path
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(listener)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        #expect(isBound && listen(listener, 1) == 0)
        let connection = try UnixConnection(path: path, timeoutSeconds: 10)
        close(accept(listener, nil, nil))

        // A signal for this thread would wait where it is blocked.
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        var former = sigset_t()
        pthread_sigmask(SIG_BLOCK, &pipe, &former)
        var sent: HostError?
        do throws(HostError) { try connection.send(Array("lost".utf8)) } catch { sent = error }
        var waiting = sigset_t()
        sigpending(&waiting)
        let isRaised = sigismember(&waiting, SIGPIPE) == 1
        if isRaised {
            var signal: Int32 = 0
            sigwait(&pipe, &signal)
        }
        pthread_sigmask(SIG_SETMASK, &former, nil)
        #expect(sent?.code == EPIPE)
        #expect(!isRaised)
    }
}
