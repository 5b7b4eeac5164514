import CoreMetrics
import Monitoring

/// Where the figures go: to the page of Prometheus, and to any other backend of swift-metrics that is put in here.
enum MetricsBackends {
    /// What `/metrics` shows.
    static let page = PrometheusMetrics(ServerMetrics.all)

    /// Another backend is its factory in this list: it then gets all figures every ``interval``, under the names in
    /// ``Monitoring/ServerMetrics``, and those of libraries as they come.
    static let others: [any MetricsFactory] = []

    /// How often the others get the figures; the page gets them when it is asked for.
    static let interval = Duration.seconds(10)

    /// All of them as one, which libraries find too; called once in a process.
    static func bootstrap() -> any MetricsFactory {
        let factory: any MetricsFactory =
            others.isEmpty ? page : MultiplexMetricsHandler(factories: [page] + others)
        MetricsSystem.bootstrap(factory)
        return factory
    }
}
