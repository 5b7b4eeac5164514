// swift-tools-version: 6.2
import PackageDescription

// One target per layer. ARCHITECTURE.md draws the allowed edges; a test holds the imports and these
// dependencies to them.

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// Targets that touch C are checked for memory safety: each unsafe expression is marked and explained.
let overC: [SwiftSetting] = strict + [.strictMemorySafety()]

/// What the program is built from, as scripts/build tells it; `--version` shows it.
let origin = ["COMMIT", "DATE", "SWIFT"].compactMap { name in
    Context.environment["PHAROS_BUILD_\(name)"].map {
        CSetting.define("PHAROS_BUILD_\(name)", to: "\"\($0)\"")
    }
}

let package = Package(
    name: "pharos-scim",
    products: [.executable(name: "pharos-scim", targets: ["PharosSCIM"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", exact: "0.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    ],
    targets: [
        .target(name: "CLinux", cSettings: origin),
        .systemLibrary(name: "CLMDB", providers: [.apt(["liblmdb-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

        .target(name: "Locking", swiftSettings: strict),
        .target(name: "Counting", swiftSettings: strict),
        .target(
            name: "Monitoring",
            dependencies: ["Locking", .product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: strict
        ),
        .target(name: "JSON", swiftSettings: strict),
        .target(name: "HTTP", dependencies: ["Locking"], swiftSettings: strict),
        .target(name: "Storage", dependencies: ["Locking"], swiftSettings: strict),
        .target(name: "SCIM", dependencies: ["JSON"], swiftSettings: strict),
        .target(name: "Audit", dependencies: ["JSON", "Locking", "Storage"], swiftSettings: strict),
        .target(
            name: "Tenancy",
            dependencies: ["Audit", "JSON", "Locking", "SCIM", "Storage"],
            swiftSettings: strict
        ),
        .target(
            name: "Directory",
            dependencies: [
                "Audit", "JSON", "Locking", "SCIM", "Storage", "Tenancy",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Notes",
            dependencies: [
                "Audit", "JSON", "Locking", "SCIM", "Storage", "Tenancy",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Query",
            dependencies: ["Directory", "JSON", "Locking", "SCIM", "Storage", "Tenancy"],
            swiftSettings: strict
        ),
        .target(
            name: "Transfer",
            dependencies: ["Audit", "Directory", "JSON", "Locking", "SCIM", "Storage", "Tenancy"],
            swiftSettings: strict
        ),
        .target(
            name: "DirectoryCheck",
            dependencies: ["Audit", "Directory", "JSON", "SCIM", "Storage", "Tenancy"],
            swiftSettings: strict
        ),

        .target(
            name: "Reactor",
            dependencies: [
                "CLinux", "Counting", "Locking",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: overC
        ),
        .target(name: "TLS", dependencies: ["COpenSSL", "Locking"], swiftSettings: overC),
        .target(
            name: "StorageLMDB",
            dependencies: [
                "CLinux", "CLMDB", "Counting", "Locking", "Storage",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: overC
        ),
        .target(name: "Systemd", dependencies: ["Audit", "CSystemd", "Locking"], swiftSettings: overC),

        .target(
            name: "Server",
            dependencies: [
                "Counting", "HTTP", "Locking", "Reactor", "TLS",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(name: "OutgoingHTTP", dependencies: ["HTTP", "Reactor", "TLS"], swiftSettings: strict),
        .target(
            name: "Load",
            dependencies: [
                "HTTP", "JSON", "Locking", "OutgoingHTTP", "Reactor", "TLS",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(name: "Identity", dependencies: ["HTTP", "JSON", "Locking", "TLS"], swiftSettings: strict),
        .target(
            name: "Service",
            dependencies: [
                "Audit", "Directory", "HTTP", "JSON", "Locking", "Monitoring", "Notes", "Query", "SCIM",
                "Storage", "Tenancy", "Transfer",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "ConsoleAssets",
            resources: [.embedInCode("Resources")],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
        .target(
            name: "Console",
            dependencies: [
                "ConsoleAssets", "HTTP", "Identity", "JSON", "Locking",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "PharosSCIM",
            dependencies: [
                "Audit", "Console", "Counting", "Directory", "DirectoryCheck", "HTTP", "JSON", "Load",
                "Locking", "Monitoring", "Notes",
                "OutgoingHTTP",
                "Reactor",
                "SCIM",
                "Server",
                "Service", "Storage", "StorageLMDB", "Systemd", "Tenancy", "TLS", "Transfer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SwiftCSV", package: "SwiftCSV"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "TestSupport",
            dependencies: [
                "Audit", "Counting", "Directory", "DirectoryCheck", "HTTP", "Identity", "JSON", "Load",
                "Locking", "Monitoring", "Notes",
                "OutgoingHTTP",
                "Query", "Reactor", "SCIM", "Server", "Service", "Storage", "StorageLMDB", "Systemd",
                "Tenancy", "TLS", "Transfer",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
    ]
        + [
            "JSON", "HTTP", "Storage", "SCIM", "Audit", "Tenancy", "Directory", "Notes", "Query", "Transfer",
            "DirectoryCheck", "Reactor", "TLS", "StorageLMDB", "Systemd", "Server", "Service", "Console",
            "OutgoingHTTP", "Identity", "Load", "Monitoring",
        ].map {
            .testTarget(
                name: "\($0)Tests",
                dependencies: [.target(name: $0), "TestSupport"],
                swiftSettings: strict
            )
        }
        + ["StorageCompatTests", "SimulationTests", "SystemTests", "ArchitectureTests"].map {
            .testTarget(name: $0, dependencies: ["TestSupport"], swiftSettings: strict)
        }
        + [
            .testTarget(
                name: "ConformanceTests",
                dependencies: ["TestSupport"],
                exclude: ["Fixtures", "Requirements/requirements.tsv"],
                swiftSettings: strict
            )
        ]
)

// Only who asks for the benchmarks resolves and builds what they need; Benchmarks/Micro/Benchmarks.swift
// tells how.
if Context.environment["PHAROS_BENCHMARKS"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: [])
    )
    package.targets.append(
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "HTTP", "JSON", "SCIM", "Service", "Storage", "StorageLMDB", "TestSupport",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Micro",
            swiftSettings: strict,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    )
    // Counts of allocations, which need no library; Benchmarks/Counts/Program/Counts.swift tells more. What lies right in
    // Benchmarks, the library takes for its own.
    package.targets.append(.target(name: "CAllocations", path: "Benchmarks/Counts/Allocations"))
    package.targets.append(
        .executableTarget(
            name: "Counts",
            dependencies: [
                "CAllocations", "HTTP", "Service", "Storage", "StorageLMDB", "Tenancy", "TestSupport",
            ],
            path: "Benchmarks/Counts/Program",
            swiftSettings: strict
        )
    )
}

// What is built with libFuzzer, by scripts/fuzz and for nobody else; Tests/Fuzz/Fuzz.swift tells how.
if Context.environment["PHAROS_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "Audit", "HTTP", "Identity", "JSON", "Query", "Reactor", "SCIM", "Server", "Storage",
                "Tenancy",
                "TLS", "Transfer",
            ],
            path: "Tests/Fuzz",
            exclude: ["Corpus", "Dictionaries"],
            swiftSettings: strict
        )
    )
}
