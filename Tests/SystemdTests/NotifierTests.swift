import Foundation
import Systemd
import Testing

@Suite("Service manager", .serialized)
struct NotifierTests {
    @Test("what is told arrives at the manager's socket, one assignment a line")
    func messages() throws {
        let manager = try FakeManager()
        setenv("NOTIFY_SOCKET", manager.path, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        let notifier = Notifier()
        notifier.ready(status: "serving\nMAINPID=1")
        #expect(manager.receive() == "READY=1\nSTATUS=serving MAINPID=1")
        notifier.beat()
        #expect(manager.receive() == "WATCHDOG=1")
        notifier.reloading()
        #expect(manager.receive().wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=[0-9]+/) != nil)
        notifier.status("behind by 3 records")
        #expect(manager.receive() == "STATUS=behind by 3 records")
        notifier.stopping(status: "draining")
        #expect(manager.receive() == "STOPPING=1\nSTATUS=draining")
    }

    @Test("without a manager nothing happens, and there is no watchdog")
    func noManager() {
        let notifier = Notifier()
        notifier.ready(status: "serving")
        #expect(notifier.watchdogInterval == nil)
    }

    @Test("the watchdog is fed twice in the time that the manager allows")
    func watchdog() {
        setenv("WATCHDOG_USEC", "20000000", 1)
        setenv("WATCHDOG_PID", String(getpid()), 1)
        defer {
            unsetenv("WATCHDOG_USEC")
            unsetenv("WATCHDOG_PID")
        }
        #expect(Notifier().watchdogInterval == .seconds(10))
    }

    @Test("another process's watchdog is not ours")
    func foreignWatchdog() {
        setenv("WATCHDOG_USEC", "20000000", 1)
        setenv("WATCHDOG_PID", "1", 1)
        defer {
            unsetenv("WATCHDOG_USEC")
            unsetenv("WATCHDOG_PID")
        }
        #expect(Notifier().watchdogInterval == nil)
    }

    @Test("no passed sockets without a manager, none that were passed to another process")
    func noSockets() {
        #expect(SocketActivation.takeSockets().isEmpty)
        setenv("LISTEN_FDS", "2", 1)
        setenv("LISTEN_PID", "1", 1)
        #expect(SocketActivation.takeSockets().isEmpty)
        #expect(getenv("LISTEN_FDS") == nil)
    }

    @Test("passed sockets come with their names, whatever their order")
    func sockets() async throws {
        // In a process of its own, because descriptors 3 and up of this one are taken.
        await #expect(processExitsWith: .success) {
            let (first, second) = (dup(0), dup(0))
            guard dup2(first, 3) == 3, dup2(second, 4) == 4 else { exit(2) }
            setenv("LISTEN_FDS", "2", 1)
            setenv("LISTEN_FDNAMES", "admin:https", 1)
            setenv("LISTEN_PID", String(getpid()), 1)
            let sockets = SocketActivation.takeSockets()
            let expected = [
                InheritedSocket(name: "admin", descriptor: 3), InheritedSocket(name: "https", descriptor: 4),
            ]
            exit(
                sockets == expected && getenv("LISTEN_FDS") == nil && fcntl(3, F_GETFD) == FD_CLOEXEC ? 0 : 1
            )
        }
    }
}

/// A datagram socket in place of the service manager's.
final class FakeManager {
    let path = "/tmp/notify-\(UUID().uuidString.prefix(8))"
    private let descriptor: Int32

    struct Refused: Error {}

    init() throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw Refused() }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
