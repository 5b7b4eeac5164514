import Audit
import Counting
import HTTP
import Monitoring
import Reactor
import Server
import Service
import StorageLMDB
import TLS
import Tenancy

/// The figures of all parts at one moment.
struct ServerFigures {
    let all: [Figure]

    /// Reads tenants, the list of free pages and what the parts have counted, in some milliseconds.
    init(_ parts: Composition) throws {
        let tenants = try TenantFigures(parts.administration)
        all =
            Self.requests(parts.scimServer.answered, tenants.names) + Self.server(parts.scimServer)
            + Self.loops(parts.loops.loops) + Self.commits(parts.store.commitFigures)
            + Self.store(parts.store) + (try Self.file(parts.store))
            + Self.audit(parts.relay, parts.settings.trail.health)
            + Self.certificate(parts.reload) + tenants.figures
    }

    // MARK: - Requests

    /// Who is counted together: tenants without a label of their own, and those that are gone.
    private static let others = "_others"
    private static let nobody = "_none"

    private static func requests(_ answered: AnswerFigures, _ names: [UInt32: String]) -> [Figure] {
        // Two that are gone share a label, and one sample has one value.
        var counts: [[String]: Int] = [:]
        for count in answered.counts {
            let tenant =
                switch count.tenant {
                case .nobody: nobody
                case .others: others
                case .number(let number): names[number] ?? others
                }
            let labels = [
                route(count.route), Method.names[count.method], Status.codes[count.status], tenant,
            ]
            counts[labels, default: 0] += count.count
        }
        return counts.map { Figure(ServerMetrics.answers, $0, $1) }
            + answered.durations.map { durations in
                let labels = [route(durations.route), Method.names[durations.method]]
                return Figure(
                    ServerMetrics.answerDurations,
                    labels,
                    seconds(durations.reading, AnswerFigures.bounds)
                )
            }
            + zip(AuditReason.wordsByPlace, answered.refusals).dropFirst().filter { $0.1 > 0 }
            .map { Figure(ServerMetrics.refusals, [$0.0], $0.1) }
    }

    private static func route(_ place: Int) -> String {
        (ActivityRoute(rawValue: UInt8(place)) ?? .unknown).word
    }

    private static func server(_ server: HTTPServer) -> [Figure] {
        let counters = server.counters
        return [
            Figure(ServerMetrics.operations, [], counters.operationsUnderWay),
            Figure(ServerMetrics.bodyBytes, [], counters.bodyBytes),
            Figure(ServerMetrics.unsentBytes, [], counters.outputBytes),
            Figure(ServerMetrics.connectionsOpen, [], counters.connectionsOpen),
            Figure(ServerMetrics.connectionsMax, [], server.connectionsMax),
            Figure(ServerMetrics.connectionsAccepted, [], counters.connectionsAccepted),
            Figure(ServerMetrics.connectionsRefused, ["all"], counters.connectionsRefusedForAll),
            Figure(ServerMetrics.connectionsRefused, ["address"], counters.connectionsRefusedForOrigin),
            Figure(ServerMetrics.connectionsRefused, ["proxy"], counters.connectionsRefusedAtDoor),
            Figure(ServerMetrics.handshakesFailed, [], counters.handshakesFailed),
            Figure(ServerMetrics.timeouts, [], counters.timeouts),
            Figure(ServerMetrics.slowReaders, [], counters.slowReaders),
        ]
            + zip(Rejection.words, counters.rejectionsBy).map {
                Figure(ServerMetrics.messagesRefused, [$0], $1)
            }
    }

    private static func loops(_ loops: [EventLoop]) -> [Figure] {
        let now = LoopInstant.now
        return loops.flatMap { loop in
            [
                Figure(
                    ServerMetrics.loopTurns,
                    ["\(loop.index)"],
                    seconds(loop.turns.durations.reading, LoopTurns.bounds)
                ),
                Figure(
                    ServerMetrics.loopLag,
                    ["\(loop.index)"],
                    .gauge(loop.turns.current(at: now).inSeconds)
                ),
            ]
        }
    }

    // MARK: - Store

    private static func commits(_ commits: CommitFigures) -> [Figure] {
        let batches = commits.batches.reading
        return [
            Figure(
                ServerMetrics.commitBatch,
                [],
                .histogram(
                    Figure.Histogram(
                        bounds: CommitFigures.batchBounds.map { "\($0)" },
                        counts: batches.counts,
                        sum: Double(batches.sum)
                    )
                )
            ),
            Figure(
                ServerMetrics.commitDuration,
                [],
                seconds(commits.durations.reading, CommitFigures.durationBounds)
            ),
        ]
    }

    private static func store(_ store: LMDBStore) -> [Figure] {
        let status = store.status
        return [
            Figure(ServerMetrics.waitingCommits, [], store.waitingCommitCount),
            Figure(ServerMetrics.logSegments, [], status.logSegments),
            Figure(ServerMetrics.logBytes, [], status.logBytes),
            Figure(ServerMetrics.overlayRows, [], status.overlayRows),
            Figure(ServerMetrics.overlayBytes, [], status.overlayBytes),
            Figure(ServerMetrics.overlayAge, [], .gauge((status.overlayAge ?? .zero).inSeconds)),
            Figure(ServerMetrics.checkpoints, [], Int(status.checkpointCount)),
            Figure(ServerMetrics.checkpointAge, [], .gauge(status.checkpointAge.inSeconds)),
            Figure(ServerMetrics.waitsForRoom, [], status.failure == nil ? 0 : 1),
        ] + (store.diskFreeBytes.map { [Figure(ServerMetrics.diskFree, [], .gauge(Double($0)))] } ?? [])
    }

    private static func file(_ store: LMDBStore) throws -> [Figure] {
        let file = try store.dataFile()
        return [
            Figure(ServerMetrics.dataBytes, [], file.bytes),
            Figure(ServerMetrics.dataBytesMax, [], file.bytesMax),
            Figure(ServerMetrics.dataPages, [], file.bytes / file.pageBytes),
            Figure(ServerMetrics.freePages, [], file.freeBytes / file.pageBytes),
        ]
    }

    // MARK: - Audit trail and certificate

    private static func audit(_ relay: AuditRelay, _ limits: AuditHealthLimits) -> [Figure] {
        let status = relay.status
        return AuditState.allCases.map {
            Figure(ServerMetrics.auditState, [$0.rawValue], status.state == $0 ? 1 : 0)
        } + [
            Figure(ServerMetrics.outboxRecords, [], Int(status.undelivered)),
            Figure(ServerMetrics.outboxRecordsMax, [], Int(limits.outboxRecordsMax)),
            Figure(ServerMetrics.outboxAge, [], .gauge(status.oldestAge.inSeconds)),
            Figure(ServerMetrics.auditConfirmed, [], Int(status.confirmedCount)),
            Figure(ServerMetrics.auditResent, [], Int(status.resentCount)),
            Figure(ServerMetrics.auditBatchesRefused, [], Int(status.refusedCount)),
            Figure(ServerMetrics.auditRolledBack, [], status.isRolledBack ? 1 : 0),
        ]
    }

    private static func certificate(_ certificate: ServerReload) -> [Figure] {
        guard let days = certificate.daysLeft else { return [] }
        return [Figure(ServerMetrics.certificateDays, [], .gauge(days))]
    }

    /// A histogram of nanoseconds in seconds.
    private static func seconds(_ reading: BucketCounter.Reading, _ bounds: [Int]) -> Figure.Value {
        .histogram(
            Figure.Histogram(
                bounds: bounds.map { "\(Double($0) / 1_000_000_000)" },
                counts: reading.counts,
                sum: Double(reading.sum) / 1_000_000_000
            )
        )
    }
}

extension ServerReload {
    /// Until the certificate in use ends; nil without TLS.
    var daysLeft: Double? {
        certificate.map { Double($0.notAfter - Host.microsecondsSince1970() / 1_000_000) / 86_400 }
    }
}

extension Duration {
    /// With its fraction.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
