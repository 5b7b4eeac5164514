import Foundation
import Testing

@Suite("Targets and their imports")
struct ImportTests {
    /// The edges that ARCHITECTURE.md draws: what each target may import of ours, beside Locking and Counting.
    static let ours: [String: Set<String>] = [
        "Locking": [],
        "Counting": [],
        "Monitoring": [],
        "JSON": [],
        "HTTP": [],
        "Storage": [],
        "SCIM": ["JSON"],
        "Audit": ["Storage", "JSON"],
        "Tenancy": ["SCIM", "JSON", "Storage", "Audit"],
        "Directory": ["SCIM", "JSON", "Storage", "Audit", "Tenancy"],
        "Notes": ["SCIM", "JSON", "Storage", "Audit", "Tenancy"],
        "Query": ["SCIM", "JSON", "Storage", "Tenancy", "Directory"],
        "Transfer": ["SCIM", "JSON", "Storage", "Audit", "Tenancy", "Directory"],
        "DirectoryCheck": ["SCIM", "JSON", "Storage", "Audit", "Tenancy", "Directory"],
        "Reactor": ["CLinux"],
        "TLS": ["COpenSSL"],
        "StorageLMDB": ["Storage", "CLinux", "CLMDB"],
        "Systemd": ["Audit", "CSystemd"],
        "Server": ["Reactor", "TLS", "HTTP"],
        "OutgoingHTTP": ["Reactor", "TLS", "HTTP"],
        "Load": ["Reactor", "TLS", "HTTP", "JSON", "OutgoingHTTP"],
        "Identity": ["HTTP", "JSON", "TLS"],
        "Service": [
            "HTTP", "SCIM", "JSON", "Tenancy", "Directory", "Notes", "Query", "Transfer", "Audit", "Storage",
            "Monitoring",
        ],
        "ConsoleAssets": [],
        "Console": ["HTTP", "JSON", "Identity", "ConsoleAssets"],
        "PharosSCIM": [
            "Audit", "Console", "Directory", "DirectoryCheck", "HTTP", "JSON", "Load",
            "Monitoring", "Notes",
            "OutgoingHTTP",
            "Reactor",
            "SCIM", "Server",
            "Service",
            "Storage", "StorageLMDB", "Systemd", "TLS", "Tenancy", "Transfer",
        ],
    ]

    /// What each target may import that is not ours, beside Synchronization.
    static let others: [String: Set<String>] = [
        "SCIM": ["Foundation"],
        "Reactor": ["Glibc", "DequeModule"],
        "TLS": ["Glibc"],
        "StorageLMDB": ["Glibc", "DequeModule"],
        "Load": ["Glibc", "DequeModule"],
        "Directory": ["DequeModule"],
        "Notes": ["DequeModule"],
        "Systemd": ["Glibc"],
        "Monitoring": ["CoreMetrics"],
        "Server": ["Logging"],
        "Service": ["Logging"],
        "ConsoleAssets": ["Foundation"],
        "Console": ["Logging", "Mustache"],
        "PharosSCIM": ["ArgumentParser", "Configuration", "CoreMetrics", "Logging", "SwiftCSV"],
    ]

    /// What every target may import: atomics, counters, and the one lock, whose order Thread Sanitizer can see.
    static let openToAll: Set = ["Counting", "Locking", "Synchronization"]

    /// Targets that run under a seeded simulator: no C library, no clock, no socket.
    static let pure = [
        "Locking", "Counting", "Monitoring", "JSON", "HTTP", "SCIM", "Storage", "Audit", "Tenancy",
        "Directory", "Notes", "Query",
        "Transfer",
        "DirectoryCheck",
    ]

    @Test("Every Swift target of Sources is in the table")
    func everyTargetIsKnown() throws {
        let found = Set(try SourceFile.all(under: "Sources").map(\.target))
        #expect(found.subtracting(Self.ours.keys).isEmpty)
    }

    @Test(
        "A target imports what ARCHITECTURE.md allows, and nothing else",
        arguments: Self.ours.keys.sorted()
    )
    func importsAreAllowed(target: String) throws {
        let allowed = try #require(Self.ours[target])
            .union(Self.others[target] ?? [])
            .union(Self.openToAll)
        for file in try SourceFile.all(under: "Sources/\(target)") {
            for module in file.imports where !allowed.contains(module) {
                Issue.record("\(file.path) imports \(module)")
            }
        }
    }

    @Test(
        "The manifest declares what a target imports, no more and no less, and ARCHITECTURE.md says the same",
        arguments: Self.ours.keys.sorted()
    )
    func manifestTellsTheImports(target: String) throws {
        let imported = try SourceFile.all(under: "Sources/\(target)")
            .reduce(into: Set<String>()) { $0.formUnion($1.imports) }
            .subtracting(["Synchronization", "Foundation", "Glibc", "Dispatch"])
        let manifest = try String(contentsOf: SourceFile.url("Package.swift"), encoding: .utf8)
        let declaration = try #require(
            manifest.components(separatedBy: "arget(").first {
                $0.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
                    "name: \"\(target)\","
                )
            }
        )
        let list = declaration.components(separatedBy: "dependencies: [").dropFirst().first ?? ""
        let dependencies = list.components(separatedBy: "swiftSettings").first ?? ""
        var declared = Set(dependencies.matches(of: /"(\w+)"/).map { String($0.1) })
        // Products carry the name of their package beside their own.
        declared.subtract(
            dependencies.matches(of: /package: "(\w+)"/).map { String($0.1) }.filter { $0 != "SwiftCSV" }
        )
        #expect(declared == imported)

        let row = try Document("ARCHITECTURE.md").table("Target").first { $0[0] == target }
        let page = try #require(row)[2]
        guard page != "everything" else { return }
        let named = Set(page.matches(of: /\w+/).map { String($0.0) }).subtracting(["nothing"])
        #expect(named == Self.ours[target])
    }

    @Test("The pure targets import no C library", arguments: Self.pure)
    func pureTargetsStayPure(target: String) throws {
        let impure: Set = ["Glibc", "Dispatch", "CLinux", "CLMDB", "COpenSSL", "CSystemd"]
        for file in try SourceFile.all(under: "Sources/\(target)") {
            #expect(impure.isDisjoint(with: file.imports), "\(file.path)")
        }
    }

    @Test(
        "Locking's lock is the only one: no other file has a Mutex, whose order Thread Sanitizer cannot see"
    )
    func locksAreLocked() throws {
        let files = try SourceFile.all(under: "Sources") + SourceFile.all(under: "Tests")
        for file in files where file.target != "Locking" && file.target != "ArchitectureTests" {
            for line in file.lines where line.contains("Mutex<") || line.contains("Mutex(") {
                Issue.record("\(file.path): \(line)")
            }
        }
    }

    @Test("Foundation is imported by one file, which normalises Unicode")
    func foundationIsImportedOnce() throws {
        let files = try SourceFile.all(under: "Sources").filter {
            $0.imports.contains { $0.hasPrefix("Foundation") }
        }
        #expect(files.count <= 1, "\(files.map(\.path))")
    }

    @Test("A module never shares its name with a type inside it")
    func modulesAndTypesDiffer() throws {
        for file in try SourceFile.all(under: "Sources") {
            let lines = file.lines.filter { $0.contains(file.target) }
            for keyword in ["struct", "class", "enum", "actor", "protocol"] {
                #expect(
                    !lines.contains {
                        $0.contains("\(keyword) \(file.target) ") || $0.contains("\(keyword) \(file.target):")
                    },
                    "\(file.path)"
                )
            }
        }
    }
}
