using System.Net.Http.Headers;
using System.Text;
using Fragcast.Schedule.Sources;
using Microsoft.Extensions.Logging;

namespace Fragcast.Node.Schedules;

/// <summary>
/// Asks a registry over HTTP what <see cref="RegistryPlan"/> wants to know, on a thread of its own, one question at a
/// time over one connection.
/// </summary>
internal sealed class RegistrySource : IDisposable
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = Patience,
        UseCookies = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Uri _url;
    private readonly RegistryPlan _plan;
    private readonly ILogger _logger;
    private readonly Watcher _watcher;
    private bool _inTrouble;

    /// <summary>Starts asking.</summary>
    /// <param name="url">Where the registry answers.</param>
    /// <param name="options">How it is asked.</param>
    /// <param name="logger">For a line when it stops answering, and one when it answers again.</param>
    public RegistrySource(Uri url, RegistryOptions options, ILogger logger)
    {
        _url = url;
        _plan = new RegistryPlan(options);
        _logger = logger;
        _watcher = new Watcher("registry", Round);
    }

    /// <summary>What is known; nothing until the first answer.</summary>
    public LiveSchedule Schedule { get; } = new(new TableSchedule([]));

    /// <inheritdoc/>
    public void Dispose()
    {
        _watcher.Dispose();
        _http.Dispose();
    }

    private TimeSpan Round(CancellationToken stop)
    {
        long refused = _plan.Refused;
        long failures = _plan.Failures;
        while (_plan.TryNext(MonotonicClock.NowNs(), out RegistryQuery query))
        {
            string? line = Ask(query, stop);
            if (line is not null)
            {
                _inTrouble = true;
                _logger.LogWarning("{Line}", line);
            }

            // The current leader is of use before the others are known.
            if (query.BlocksAhead == 0)
            {
                Publish();
            }
        }

        Publish();
        if (_inTrouble && _plan.Refused == refused && _plan.Failures == failures)
        {
            _inTrouble = false;
            _logger.LogInformation("the registry answers again");
        }

        return TimeSpan.FromMicroseconds(Math.Max(0, _plan.DueNs - MonotonicClock.NowNs()) / 1000.0);
    }

    private void Publish()
    {
        if (_plan.TryTakeSchedule(out TableSchedule schedule))
        {
            Schedule.Replace(schedule);
        }
    }

    private string? Ask(RegistryQuery query, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            using HttpRequestMessage request = Request(query);
            using HttpResponseMessage response =
                _http.Send(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                return _plan.OnFailure($"HTTP {(int)response.StatusCode}", MonotonicClock.NowNs());
            }

            return _plan.OnAnswer(ReadBody(response, patience.Token), MonotonicClock.NowNs());
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return _plan.OnFailure($"no answer in {Patience.TotalSeconds} s", MonotonicClock.NowNs());
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return _plan.OnFailure(error.Message.ReplaceLineEndings(" "), MonotonicClock.NowNs());
        }
    }

    private HttpRequestMessage Request(RegistryQuery query)
    {
        string call = query.BlocksAhead == 0
            ? """{"jsonrpc":"2.0","id":1,"method":"registry_currentGateway","params":[]}"""
            : $$"""{"jsonrpc":"2.0","id":1,"method":"registry_futureGateway","params":[{{query.BlocksAhead}}]}""";
        var content = new ByteArrayContent(Encoding.ASCII.GetBytes(call));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, _url) { Content = content };
    }

    // One byte more than an answer may have is enough to refuse it.
    private static ReadOnlyMemory<byte> ReadBody(HttpResponseMessage response, CancellationToken stop)
    {
        using Stream stream = response.Content.ReadAsStream(stop);
        // A read from a socket does not look at the token: the time-out closes what it waits for.
        using CancellationTokenRegistration abort = stop.Register(stream.Dispose);
        byte[] body = new byte[RegistryAnswer.LengthMax + 1];
        try
        {
            int length = stream.ReadAtLeast(body, body.Length, throwOnEndOfStream: false);
            stop.ThrowIfCancellationRequested();
            return body.AsMemory(0, length);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(stop);
        }
    }
}
