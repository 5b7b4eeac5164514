import Foundation

/// A block of configuration from the documentation, so that what is tested is what is read.
struct Recipe {
    private(set) var text: String

    /// The first block in this language behind a heading of `docs/proxies.md`.
    init(_ language: String, under heading: String) throws {
        let page = try String(contentsOf: Program.root.appending(path: "docs/proxies.md"), encoding: .utf8)
        guard let start = page.range(of: "# \(heading)\n"),
            let open = page.range(of: "```\(language)\n", range: start.upperBound..<page.endIndex),
            let end = page.range(of: "```\n", range: open.upperBound..<page.endIndex)
        else { throw Failure("docs/proxies.md has no \(language) under \(heading)") }
        text = String(page[open.upperBound..<end.lowerBound])
    }

    /// Puts what is right for a test in the place of what is right for a machine; all of it has to be there.
    mutating func replace(_ parts: [(String, String)]) throws {
        for (part, replacement) in parts {
            guard text.contains(part) else { throw Failure("the recipe has no \(part)") }
            text = text.replacingOccurrences(of: part, with: replacement)
        }
    }
}

/// A proxy with a configuration of its own, in the foreground until it is let go.
final class Proxy {
    private let process: Process
    let log: URL

    /// Where `nginx` or `haproxy` is, which may be no place for ordinary users; nil where it is not installed.
    static func path(_ name: String) -> String? {
        ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"].map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts it and waits until it listens on `port`.
    init(_ name: String, _ arguments: [String], in folder: URL, port: UInt16) throws {
        log = folder.appending(path: "\(name).log")
        process = try Program.start(Self.path(name) ?? name, arguments, output: log, errors: log)
        do {
            try eventually { (try? PlainConnection(url: "http://127.0.0.1:\(port)")) != nil }
        } catch {
            process.terminate()
            throw Failure("\(name): \((try? String(contentsOf: log, encoding: .utf8)) ?? "")")
        }
    }

    /// nginx with a file of its `conf.d`.
    static func nginx(_ recipe: Recipe, in folder: URL, port: UInt16) throws -> Proxy {
        let file = folder.appending(path: "nginx.conf")
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { name in
            "\(name)_temp_path \(folder.path)/\(name);"
        }
        let text = """
            daemon off;
            user \(NSUserName());
            pid \(folder.path)/nginx.pid;
            error_log stderr;
            events {}
            http {
                \(places.joined(separator: "\n"))
                access_log off;
                \(recipe.text)
            }
            """
        try text.write(to: file, atomically: true, encoding: .utf8)
        return try Proxy("nginx", ["-e", "stderr", "-c", file.path], in: folder, port: port)
    }

    static func haproxy(_ recipe: Recipe, in folder: URL, port: UInt16) throws -> Proxy {
        let file = folder.appending(path: "haproxy.cfg")
        try recipe.text.write(to: file, atomically: true, encoding: .utf8)
        return try Proxy("haproxy", ["-db", "-f", file.path], in: folder, port: port)
    }

    /// A port of loopback that nobody listens on, and that the system gives to no other socket of these tests by itself.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result == 0 { return port }
        }
        throw Failure("no free port in 100 tries")
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    deinit { if process.isRunning { stop() } }
}
