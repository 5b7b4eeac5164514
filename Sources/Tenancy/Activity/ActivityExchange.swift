import Audit
import JSON
import SCIM
import Storage

/// A request and its answer, or several equal ones that followed each other.
///
/// Closed lists, numbers and ids made by this server: no value of a resource, no secret, and no text of a client.
package struct ActivityExchange: Sendable, Equatable {
    /// Grows with every exchange of the tenant.
    package var sequence: UInt64 = 0
    /// When the last of them was answered.
    package var time: Timestamp
    /// When the first of them was.
    package var first: Timestamp
    package var count: UInt32 = 1
    package let method: AuditMethod
    package let route: ActivityRoute
    package let query: ActivityQuery
    package let status: UInt16
    package let keyword: SCIMError.Keyword?
    /// Why it was refused.
    package let reason: AuditReason?
    /// The id of the token whose secret was shown, whether or not it was still good.
    package let tokenID: String?
    package var client: ClientProduct?
    /// The id of the last request, whose text has no dashes.
    package var requestID: UniqueID

    package init(
        at time: Timestamp,
        method: AuditMethod,
        route: ActivityRoute,
        query: ActivityQuery = ActivityQuery(),
        status: UInt16,
        keyword: SCIMError.Keyword? = nil,
        reason: AuditReason? = nil,
        tokenID: String?,
        client: ClientProduct?,
        requestID: UniqueID
    ) {
        self.time = time
        first = time
        self.method = method
        self.route = route
        self.query = query
        self.status = status
        self.keyword = keyword
        self.reason = reason
        self.tokenID = tokenID
        self.client = client
        self.requestID = requestID
    }

    /// Whether the answer was a refusal that somebody should look at: a look-up that found nothing is everyday business.
    package var isFailure: Bool { status >= 400 && !(status == 404 && method == .get) }

    /// Whether both tell the same, apart from when and for which request.
    func isLike(_ other: ActivityExchange) -> Bool {
        status == other.status && route == other.route && method == other.method && query == other.query
            && reason == other.reason && keyword == other.keyword && tokenID == other.tokenID
    }

    /// Takes in an equal exchange that came later; false, and without effect, if it is not equal.
    mutating func absorb(_ later: ActivityExchange) -> Bool {
        guard isLike(later) else { return false }
        sequence = later.sequence
        time = later.time
        count = count.addingReportingOverflow(later.count).overflow ? .max : count + later.count
        if let product = later.client { client = product }
        requestID = later.requestID
        return true
    }
}

extension ActivityExchange {
    /// Takes in one that is equal to another, which it is compared with; false, and without effect, if it is not equal.
    mutating func absorb(like other: ActivityExchange, _ again: Again) -> Bool {
        guard isLike(other) else { return false }
        sequence = again.sequence
        time = again.time
        if count < .max { count += 1 }
        if let product = other.client { client = product }
        requestID = again.requestID
        return true
    }

    /// In what an exchange differs from one that was like it.
    package struct Again: Sendable {
        let sequence: UInt64
        let time: Timestamp
        let requestID: UniqueID

        package init(sequence: UInt64, time: Timestamp, requestID: UniqueID) {
            self.sequence = sequence
            self.time = time
            self.requestID = requestID
        }
    }

    /// The exchange that is like this one, and came later.
    func repeated(_ again: Again) -> ActivityExchange {
        var exchange = self
        exchange.sequence = again.sequence
        exchange.time = again.time
        exchange.first = again.time
        exchange.requestID = again.requestID
        return exchange
    }
}

/// A refused change or credential, or several equal ones that followed each other.
package struct ActivityFailure: Sendable, Equatable {
    package var exchange: ActivityExchange
    /// The number of the sentence that the client got, if that was one of the server's own without values; else 0.
    package let detail: UInt8
    /// The resource that was to be changed; an id that the request named, whether or not there is such a resource.
    package let resource: UniqueID?

    package init(_ exchange: ActivityExchange, detail: UInt8 = 0, resource: UniqueID? = nil) {
        self.exchange = exchange
        self.detail = detail
        self.resource = resource
    }
}

/// What an ``ActivityRing`` holds.
protocol Coalescing {
    /// Takes in an equal one that came later; false, and without effect, if it is not equal.
    mutating func absorb(_ later: Self) -> Bool
}

extension ActivityExchange: Coalescing {}

extension ActivityFailure: Coalescing {
    mutating func absorb(_ later: ActivityFailure) -> Bool {
        detail == later.detail && resource == later.resource && exchange.absorb(later.exchange)
    }
}

/// The last ones of something, in which equal neighbours are one.
struct ActivityRing<Element: Coalescing & Sendable & Equatable>: Sendable, Equatable {
    private var elements: [Element] = []
    /// Where the oldest one is, once the ring is full.
    private var oldest = 0
    private let countMax: Int

    init(max: Int) { countMax = max }

    var isEmpty: Bool { elements.isEmpty }

    /// From the oldest to the newest.
    var all: [Element] { Array(elements[oldest...] + elements[..<oldest]) }

    private var newest: Int { oldest == 0 ? elements.count - 1 : oldest - 1 }

    /// Lets the newest take something in, where it lies; false if there is none, or if it does not.
    mutating func takeIn(_ body: (inout Element) -> Bool) -> Bool {
        let newest = newest
        return newest >= 0 && body(&elements[newest])
    }

    mutating func append(_ element: Element) {
        // In place: a copy would cost more than all the rest.
        if takeIn({ $0.absorb(element) }) { return }
        if elements.count < countMax {
            elements.append(element)
        } else {
            elements[oldest] = element
            oldest = oldest + 1 == countMax ? 0 : oldest + 1
        }
    }
}
