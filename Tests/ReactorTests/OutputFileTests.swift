import Foundation
import Testing

@testable import Reactor

@Suite("Files that take their name when they are complete")
struct OutputFileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test("two writers of one file: the second is refused, and nothing of the first is lost")
    func exclusive() throws {
        try withFolder { folder in
            let path = "\(folder)/file"
            var first = try OutputFile(path: path, mode: 0o600)
            try first.write(Array("first".utf8))
            #expect(throws: HostError.self) { _ = try OutputFile(path: path, mode: 0o600) }
            try first.finish()
            #expect(try Host.readFile(path, bytesMax: 10) == Array("first".utf8))
            var second = try OutputFile(path: path, mode: 0o600)
            try second.write(Array("2".utf8))
            try second.finish()
            #expect(try Host.readFile(path, bytesMax: 10) == Array("2".utf8))
        }
    }

    @Test("what a killed writer has left is written over")
    func leftover() throws {
        try withFolder { folder in
            let path = "\(folder)/file"
            try Data("long and old".utf8).write(to: URL(filePath: "\(path).part"))
            var file = try OutputFile(path: path, mode: 0o600)
            try file.write(Array("new".utf8))
            try file.finish()
            #expect(try Host.readFile(path, bytesMax: 100) == Array("new".utf8))
        }
    }

    @Test("a pipe is read where it may be one, and refused without waiting where it may not")
    func pipes() throws {
        try withFolder { folder in
            let path = "\(folder)/pipe"
            #expect(mkfifo(path, 0o600) == 0)
            #expect(throws: HostError.self) { _ = try Host.readFile(path, bytesMax: 10) }
            #expect(throws: HostError.self) { _ = try InputFile(path: path) }
            // As a shell hands over what `<(…)` makes.
            let ends = Pipe()
            try ends.fileHandleForWriting.write(contentsOf: Data("text".utf8))
            try ends.fileHandleForWriting.close()
            let reading = "/dev/fd/\(ends.fileHandleForReading.fileDescriptor)"
            #expect(throws: HostError.self) { _ = try Host.readFile(reading, bytesMax: 10) }
            #expect(try Host.readFile(reading, bytesMax: 10, mayWait: true) == Array("text".utf8))
        }
    }

    @Test("a path is resolved as far as there is something at it")
    func resolved() throws {
        try withFolder { folder in
            let real = try #require(Host.resolvedPath(folder))
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: folder)
            #expect(Host.resolvedPath("\(folder)/link/a/b") == "\(real)/a/b")
            #expect(
                Host.resolvedPath("\(folder)/./link/../\(real.split(separator: "/").last ?? "")/") == real
            )
            #expect(Host.resolvedPath("\(folder)/a/../b") == nil)
            #expect(Host.resolvedPath("/nowhere") == "/nowhere")
        }
    }
}
