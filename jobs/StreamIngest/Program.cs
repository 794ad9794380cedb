using Pipeline.Jobs.StreamIngest;
using Pipeline.Runtime;

return await JobHost.RunAsync(args, new StreamIngestJob());
