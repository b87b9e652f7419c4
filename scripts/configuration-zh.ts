import { chineseOfClients } from "./configuration-zh-clients.ts";
import { chineseOfOriginal } from "./configuration-zh-original.ts";
import { chineseOfWebhooks } from "./configuration-zh-webhooks.ts";

/**
 * The Chinese text of each description in the schema of the file format, by its English one. A description that is not here, because it is new or was
 * changed, stands in English in docs/configuration.zh-CN.md until it is added.
 */
export const chineseOf: ReadonlyMap<string, string> = new Map(
  Object.entries({
    // providers
    "Required, unique. Appears in logs, in `/providers` and in the `x-ccpb-provider` header.":
      "必填，不能重复。出现在日志、`/providers` 和响应头 `x-ccpb-provider` 里。",
    "Required. The API that the provider speaks: `anthropic` is passed through byte for byte, `openai` (Chat Completions or Responses) is translated; `bedrock` and `vertex` are Claude at Amazon Bedrock and Google Vertex AI, passed through in the clouds' own envelope.":
      "必填。服务商使用的 API：`anthropic` 按字节透传，`openai`（Chat Completions 或 Responses）经过翻译；`bedrock` 和 `vertex` 是 Amazon Bedrock 与 Google Vertex AI 上的 Claude，按云自己的封装透传。",
    "Required, but for `bedrock` and `vertex` with a `region`. `/v1/messages` is added for `anthropic`, `/chat/completions` or `/responses` for `openai` (so it includes `/v1` there, as it does for `vertex`). http or https, without credentials, query or fragment; link-local and cloud metadata addresses are refused. Of `openai`, `{model}` in the path stands for the model, and `?api-version=…` may end it (Azure).":
      "必填；写了 `region` 的 `bedrock` 和 `vertex` 除外。`anthropic` 会加上 `/v1/messages`，`openai` 会加上 `/chat/completions` 或 `/responses`（所以那里的地址要包含 `/v1`，`vertex` 也一样）。使用 http 或 https，不能带凭证、查询参数或片段；链路本地地址和云的元数据地址会被拒绝。`openai` 的路径里可以用 `{model}` 代表模型，末尾可以带 `?api-version=…`（Azure）。",
    "Of `bedrock` and `vertex`: the cloud's region, such as `us-east-1`, `us-east5` or `global` (Vertex). With `auth_type: aws`, the region to sign for where the host of `base_url` names none.":
      "用于 `bedrock` 和 `vertex`：云的区域，例如 `us-east-1`、`us-east5` 或 `global`（Vertex）。使用 `auth_type: aws` 而 `base_url` 的主机名里没有区域时，按这个区域签名。",
    "Of `vertex`: the id of the Google Cloud project.": "用于 `vertex`：Google Cloud 项目的 ID。",
    "Of `bedrock`: the prefix of the inference profile that Anthropic's model names become, which says in which part of the world requests are served. Default: `us`, `eu`, `jp` or `us-gov` by the region, `global` elsewhere.":
      "用于 `bedrock`：Anthropic 的模型名换成推理配置文件时使用的前缀，它决定请求在哪个地理范围内处理。默认按区域取 `us`、`eu`、`jp` 或 `us-gov`，其他区域为 `global`。",
    "`api_key` sends `x-api-key` (anthropic) or `Authorization: Bearer` (the others), `auth_token` sends `Authorization: Bearer`, `passthrough` forwards the client's own credential (anthropic only). `command` and `file` get a token from `auth_command` and `auth_file` and renew it. `aws` signs requests with AWS's credentials (needs the packages @smithy/signature-v4 and @aws-sdk/credential-providers), `google` uses Application Default Credentials (needs google-auth-library). Default: by the key that is given; else `aws` for `bedrock`, `google` for `vertex`, `api_key`.":
      "`api_key` 发送 `x-api-key`（anthropic）或 `Authorization: Bearer`（其他类型），`auth_token` 发送 `Authorization: Bearer`，`passthrough` 转发客户端自己的凭证（仅限 anthropic）。`command` 和 `file` 从 `auth_command`、`auth_file` 获取令牌并续期。`aws` 用 AWS 凭证给请求签名（需要 @smithy/signature-v4 和 @aws-sdk/credential-providers 两个包），`google` 使用应用默认凭证（需要 google-auth-library）。默认：由写了哪个密钥项决定；都没写时，`bedrock` 为 `aws`，`vertex` 为 `google`，其余为 `api_key`。",
    "The key, or a list of keys, each with its own health. Best written as `${NAME}`. Required for `auth_type` `api_key` and `auth_token`.":
      "一个密钥，或一组密钥，各有各的健康状态。最好写成 `${NAME}`。`auth_type` 为 `api_key` 和 `auth_token` 时必填。",
    "The program that prints a token, and its arguments; run without a shell, for at most 10 seconds. It prints the token alone, or JSON with `token` and `expires_at`. The token is kept until 5 minutes before it expires (without `expires_at`: for 5 minutes), renewed in the background, and at once after a 401.":
      "打印令牌的程序及其参数；不经过 shell，最多运行 10 秒。可以只打印令牌，也可以打印含 `token` 和 `expires_at` 的 JSON。令牌保留到过期前 5 分钟（没有 `expires_at` 时保留 5 分钟），在后台续期；收到 401 时立即续期。",
    "A file with a key or token, relative to the configuration file's folder; read again when it changes. One newline at its end is not part of it.":
      "存放密钥或令牌的文件，相对于配置文件所在的文件夹；有变化时重新读取。末尾的一个换行不算在内。",
    "The header that the credential is sent in: `authorization` as `Bearer …`, the others as it is. Default: `x-api-key` for `api_key` of an `anthropic` provider, else `authorization`.":
      "用哪个请求头发送凭证：`authorization` 写成 `Bearer …`，其他的原样发送。默认：`anthropic` 服务商的 `api_key` 用 `x-api-key`，其余用 `authorization`。",
    "With `auth_type: aws`: the profile of `~/.aws/config`. Default: AWS's own chain (environment, SSO, web identity, container, instance).":
      "用于 `auth_type: aws`：`~/.aws/config` 里的 profile。默认使用 AWS 自己的凭证链（环境变量、SSO、Web 身份、容器、实例）。",
    "The model for names with `opus` or `sonnet` in them and for all other names but haiku; or passthrough to keep the client's name. Required unless `models` or `model_routes` covers them.":
      "名称里有 `opus` 或 `sonnet` 的模型，以及除 haiku 之外的所有其他名称使用的模型；写 passthrough 则保留客户端的名称。除非 `models` 或 `model_routes` 已经覆盖，否则必填。",
    "The model for names with `haiku` in them; or passthrough to keep the client's name. Required unless `models` or `model_routes` covers them.":
      "名称里有 `haiku` 的模型使用的模型；写 passthrough 则保留客户端的名称。除非 `models` 或 `model_routes` 已经覆盖，否则必填。",
    "A finer map, asked before `big_model` and `small_model`: glob over the client's name (`*`, `?`, any case) → model, or passthrough to keep the client's name. The first match wins.":
      "更细的对应关系，先于 `big_model` 和 `small_model`：客户端模型名的通配模式（`*`、`?`，不分大小写）→ 模型，写 passthrough 则保留客户端的名称。以第一个匹配的为准。",
    "A disabled provider is listed but never asked, and its variables may be unset.":
      "停用的服务商会列出来，但绝不会被请求，它的环境变量也可以不设置。",
    "Its share with `selection_strategy: weighted`.": "使用 `selection_strategy: weighted` 时所占的份额。",
    "URL of an http, https or SOCKS proxy (`socks5://`; it resolves the names). Without it `HTTPS_PROXY` (for http providers `HTTP_PROXY`), else `ALL_PROXY`, and `NO_PROXY` are honoured.":
      "http、https 或 SOCKS 代理的地址（`socks5://`，由代理解析域名）。不写时使用 `HTTPS_PROXY`（http 服务商用 `HTTP_PROXY`），其次 `ALL_PROXY`，并遵守 `NO_PROXY`。",
    "TLS with this provider. Paths are relative to the configuration file's folder; files are read again when they change.":
      "与这家服务商之间的 TLS。路径相对于配置文件所在的文件夹；文件有变化时重新读取。",
    "PEM file with certificate authorities to trust besides the public ones.":
      "PEM 文件：除公共机构之外还要信任的证书颁发机构。",
    "PEM file with a client certificate, for mutual TLS; needs `key`.": "PEM 文件：双向 TLS 的客户端证书；需要 `key`。",
    "PEM file with the private key of `cert`.": "PEM 文件：`cert` 的私钥。",
    "The name that the provider's certificate must be for. Default: the host of `base_url`.":
      "服务商的证书必须属于哪个名称。默认是 `base_url` 的主机名。",
    "Extra headers of every request to this provider.": "发给这家服务商的每个请求都附加的请求头。",
    "Names of headers of the client's that this provider is sent besides those of `settings.forward_headers`, of an `openai` provider too.":
      "除 `settings.forward_headers` 之外，还要把客户端的哪些请求头转发给这家服务商；`openai` 服务商也可以用。",
    "Deadlines of this provider, where they differ from `settings.timeouts`.":
      "这家服务商自己的时限，用于与 `settings.timeouts` 不同的情况。",
    "Seconds. Until the connection stands.": "秒。建立连接的时限。",
    "Seconds. Streams: until the headers of the answer. Wins over `request_timeout`.":
      "秒。流式：等待响应头的时限。优先于 `request_timeout`。",
    "Seconds. Streams: until the first real output; pings do not count.":
      "秒。流式：等待第一段真正内容的时限；ping 不算。",
    "Seconds. Streams: without a byte from the provider. Pauses while the client is the slow side.":
      "秒。流式：服务商多久没有任何字节。慢的一方是客户端时暂停计时。",
    "Seconds. Answers that are not streamed: until they are whole.": "秒。非流式：等待完整回答的时限。",
    "Seconds. All attempts of one request together, until the first real output. Only counts in `settings`.":
      "秒。一个请求的所有尝试合计，直到第一段真正的内容。只在 `settings` 里有效。",
    "Requests in flight at once; more go to the next provider. Divided between the workers of a server; at least as large as their number.":
      "同时进行的请求数，超出的交给下一家服务商。由服务器的各个 worker 分摊；不能小于 worker 的数量。",
    "Per cent of each quota window that is kept back: a key of which an answer has stated that no more is left is asked only where no other can serve, until the window resets. Windows are read from rate limit headers. Default: none is kept back; with `selection_strategy: drain_soonest` 0, so that a used-up key is passed over before it refuses.":
      "每个配额窗口保留的百分比：一旦响应表明某密钥的剩余不超过此值，在窗口重置之前，只有在没有其他密钥可用时才会使用它。窗口取自限流标头。默认不保留；使用 `selection_strategy: drain_soonest` 时为 0，即已用完的密钥在拒绝之前就被跳过。",
    "Tokens. Requests that need more go first to providers that can take them.":
      "token 数。需要更大上下文的请求，优先交给容得下的服务商。",
    "Of an `openai` provider: `chat` is Chat Completions, `responses` OpenAI Responses. `auto` uses Responses where the profile says that Chat Completions cannot do the job (tools with gpt-5.4 and later at OpenAI), and learns from an answer that sends it to the other one.":
      "用于 `openai` 服务商：`chat` 是 Chat Completions，`responses` 是 OpenAI Responses。`auto` 在 profile 表明 Chat Completions 做不到时使用 Responses（例如 OpenAI 的 gpt-5.4 及以后的模型使用工具时），并且会从服务商要求改用另一种的回答里学习。",
    "Describes what a provider takes, where the built-in profile of its host and model does not know it. Most members are for `openai` providers.":
      "服务商的特殊之处，用于内置的、按主机和模型得出的 profile 不了解的情况。大多数成员用于 `openai` 服务商。",
    "Providers with the same value accept each other's thinking signatures. Default: the host of `base_url`.":
      "值相同的服务商互相接受思考签名。默认是 `base_url` 的主机名。",
    // profile
    "Tokens of prompt and answer together, where `max_tokens` has to fit in beside the prompt; null: no limit.":
      "提示词与回答合计的 token 数，用于要求 `max_tokens` 与提示词一起放得下的服务商；null：不限制。",
    "Upper bound of `max_tokens`; null: no limit.": "`max_tokens` 的上限；null 表示没有上限。",
    "What the limit of the output is called.": "输出上限这个字段的名称。",
    "Send `stream_options.include_usage`.": "发送 `stream_options.include_usage`。",
    "Send `temperature` and `top_p`; `without-effort`: only where no effort is asked for; `effort-none`: only where an effort of `none` is.":
      "发送 `temperature` 和 `top_p`；`without-effort`：只在没有要求 effort 时发送；`effort-none`：只在要求的 effort 是 `none` 时发送。",
    "Send `top_k`.": "发送 `top_k`。",
    "The least and the largest `temperature` that is sent; null: no limit.":
      "发送的 `temperature` 的最小值和最大值；null 表示没有限制。",
    "How many stop sequences the API takes.": "API 接受多少个停止序列。",
    "The role of the system prompt; `user` where the model knows no other.":
      "系统提示词的角色；模型没有其他角色时用 `user`。",
    "A system turn inside the conversation: left in place, or folded into a user message.":
      "对话中间的 system 消息：保留原处，或并入 user 消息。",
    "User messages may hold parts; otherwise one text.": "user 消息可以由多个部分组成；否则是一段文本。",
    "Takes images.": "接受图片。",
    "Takes images by URL; otherwise only as data.": "接受以 URL 给出的图片；否则只接受图片数据。",
    "Takes PDF documents as `file` parts.": "以 `file` 部分接受 PDF 文档。",
    "Images of a tool result: in a message that follows, or in place.":
      "工具结果里的图片：放在后面的消息里，或放在原处。",
    "What an empty tool result says.": "空的工具结果写成什么。",
    "`plain`: tool ids of letters, digits, _ and -; `mistral`: of 9 letters and digits.":
      "`plain`：工具 ID 由字母、数字、_ 和 - 组成；`mistral`：由 9 个字母和数字组成。",
    "The longest tool id, in characters.": "工具 ID 的最大长度（字符）。",
    "User and assistant must alternate: neighbours of one role are merged.":
      "user 与 assistant 必须交替：相邻的同一角色会合并。",
    "An assistant turn at the end: sent, marked with `prefix: true`, or left out.":
      "末尾的 assistant 消息：发送、标上 `prefix: true`，或去掉。",
    "Put a short assistant turn between tool messages and a user's.":
      "在工具消息和 user 消息之间放一条简短的 assistant 消息。",
    "What becomes of `cache_control`.": "怎样处理 `cache_control`。",
    "How many tools the API takes; null: no limit.": "API 接受多少个工具；null 表示没有上限。",
    "The keywords that schemas may use; `common`: the subset that every vendor takes.":
      "schema 可以使用的关键字；`common`：所有服务商都接受的子集。",
    "Keywords that are left out of schemas besides.": "另外要从 schema 里去掉的关键字。",
    "Send `strict` where a schema allows it.": "schema 允许时发送 `strict`。",
    "What `tool_choice` may say: anything; no tool by name (a named one is sent alone); or nothing that forces a call, which a last text asks for then.":
      "`tool_choice` 可以写什么：任何内容；不能指定工具名（被指定的工具会单独发送）；或不能强制调用，此时改由末尾的一段文字请求调用。",
    "Send `tool_stream: true` with tools (Z.AI).": "有工具时发送 `tool_stream: true`（Z.AI）。",
    "Send `parallel_tool_calls: false` where the client asks for it.":
      "客户端要求时发送 `parallel_tool_calls: false`。",
    "Send `response_format: json_schema`; otherwise `json_object` with the schema in the system prompt.":
      "发送 `response_format: json_schema`；否则用 `json_object`，并把 schema 放进系统提示词。",
    "How thinking is asked for.": "怎样要求思考。",
    "The model can be told not to think.": "可以要求模型不思考。",
    "The efforts that the model knows, in rising order.": "模型认识的 effort，从低到高。",
    "An effort may be sent together with tools.": "effort 可以与工具一起发送。",
    "What becomes of thinking in the history.": "怎样处理历史里的思考内容。",
    "Gemini: how the signature of a thought travels with a tool call.": "Gemini：思考签名怎样随工具调用一起传递。",
    "Answers hold `<think>…</think>`, or `</think>` alone, in their text; `reasoning`: they may begin with `<reasoning>…</reasoning>`.":
      "回答的文本里有 `<think>…</think>`，或只有 `</think>`；`reasoning`：回答可能以 `<reasoning>…</reasoning>` 开头。",
    "`metadata.user_id`: left out, or hashed into `user` or `safety_identifier`.":
      "`metadata.user_id`：去掉，或取哈希后放进 `user` 或 `safety_identifier`。",
    "Send the session's id as `prompt_cache_key`.": "把会话 ID 作为 `prompt_cache_key` 发送。",
    "`speed: fast` becomes `service_tier: priority`.": "`speed: fast` 变成 `service_tier: priority`。",
    "What `dialect: auto` uses Responses for: nothing, requests with tools, or every request.":
      "`dialect: auto` 把 Responses 用于什么：不用、有工具的请求，或所有请求。",
    "Responses: the provider searches the web itself where the client asks for `web_search`.":
      "Responses：客户端要求 `web_search` 时，由服务商自己搜索网页。",
    "Responses: ask for the pages that a search found.": "Responses：要求给出搜索找到的网页。",
    "Responses: ask for reasoning in encrypted form, to be given back with the history.":
      "Responses：要求加密形式的推理内容，以便随历史一起送回。",
    "Responses: label messages of the assistant in the history that came without a `phase`.":
      "Responses：给历史里没有 `phase` 的 assistant 消息补上标记。",
    "Responses: ask for a summary of the reasoning.": "Responses：要求推理摘要。",
    "Responses: `/responses/input_tokens` counts a request.": "Responses：用 `/responses/input_tokens` 计数。",
    "Members that are left out of every request, also of one that is passed on as it came, by their path with `*` for every index.":
      "要从每个请求里去掉的成员（原样转发的请求也一样），写路径，`*` 代表任意下标。",
    "Members that are merged into every request last, as they stand, also into one that is passed on as it came.":
      "最后原样合并进每个请求的成员，原样转发的请求也一样。",
    "Of an `anthropic` provider: the members that a request may have; others are left out. null: any.":
      "用于 `anthropic` 服务商：请求可以有的成员，其他的去掉。null 表示任意。",
    "Of an `anthropic` provider: values of `anthropic-beta` that are not passed on.":
      "用于 `anthropic` 服务商：不转发的 `anthropic-beta` 值。",
    "Of an `anthropic` provider: the values of `anthropic-beta` that are passed on. null: all.":
      "用于 `anthropic` 服务商：转发的 `anthropic-beta` 值。null 表示全部。",
    "Of an `anthropic` provider: `metadata.user_id` as it came, or hashed.":
      "用于 `anthropic` 服务商：`metadata.user_id` 原样发送，或取哈希。",
    "Of an `anthropic` provider: an effort may be sent where thinking is disabled.":
      "用于 `anthropic` 服务商：关闭思考时也可以发送 effort。",
    "Of an `anthropic` provider: leave out `temperature`, `top_p` and `top_k` where the `anthropic-version` sent refuses them.":
      "用于 `anthropic` 服务商：所发送的 `anthropic-version` 不接受 `temperature`、`top_p` 和 `top_k` 时去掉它们。",
    "Of an `anthropic` provider: how many blocks may carry `cache_control`, the last ones. null: any.":
      "用于 `anthropic` 服务商：最多有多少个内容块可以带 `cache_control`，保留最后的几个。null 表示不限。",
    "Of an `anthropic` provider: thinking that it did not sign is refused.":
      "用于 `anthropic` 服务商：它会拒绝不是自己签名的思考内容。",
    "Of an `anthropic` provider: `always` puts an empty thinking block into turns with tool calls that have none.":
      "用于 `anthropic` 服务商：`always` 会在有工具调用、却没有思考内容的消息里放一个空的思考块。",
    "Of an `anthropic` provider: whether `tool_choice` may force a call: always; where thinking is turned off; or never, so that a last text asks for it.":
      "`anthropic` 类型的服务商：`tool_choice` 能否强制调用工具：总是可以；关闭思考时可以；或不可以，此时改由末尾的一段文字请求调用。",
    "Of an `anthropic` provider: it takes `tool_reference` blocks; otherwise a text that names the tool stands in their place.":
      "`anthropic` 类型的服务商：接受 `tool_reference` 块；否则用写明工具名的文字代替。",
    "Of an `anthropic` provider: `unique` gives a tool call whose id the history holds already an id of its own, and its result too.":
      "用于 `anthropic` 服务商：工具调用的 ID 在历史里已经出现过时，`unique` 会给它和它的结果换一个新的 ID。",
    // settings
    "Deadlines of all providers.": "所有服务商的时限。",
    "Seconds that a provider stays out after a failure; doubles with each failed probe.":
      "秒。服务商失败后的冷却时间；每次探测失败后加倍。",
    "Seconds. The longest that a provider's own word (Retry-After, reset headers) keeps it out.":
      "秒。按服务商自己的说法（Retry-After、重置时间的响应头）冷却的最长时间。",
    "Failures in a row that take a provider out.": "连续失败多少次，服务商退出服务。",
    "Seconds after which earlier failures are forgotten.": "秒。过了这么久，以前的失败不再计算。",
    "Seconds. Streams: until the headers of the answer (`timeouts.response`); never a total.":
      "秒。流式：等待响应头的时限（`timeouts.response`）；不是总时限。",
    "Which healthy provider comes first; failover walks the others in any case. `drain_soonest`: the key whose unused quota lapses first, as its provider's rate limit headers say.":
      "健康的服务商里谁排在最前；无论如何，故障转移都会依次尝试其余的。`drain_soonest`：按服务商的限流标头，未用配额最先过期的密钥排在最前。",
    "`session`: a conversation stays with the provider whose prompt cache is warm.":
      "`session`：同一个对话留在提示词缓存仍有效的服务商。",
    "Where no provider can serve: probe those that are only cooling down, one request at a time, after 1, 2, 4 … seconds; `false` answers 503 at once.":
      "没有服务商可用时：对只是在冷却的服务商，隔 1、2、4 … 秒探测一次，每次一个请求；`false` 则立即返回 503。",
    "A request that offers a tool which Anthropic's servers run, such as web search, goes first to `anthropic` providers; `false`: in the configured order, where `openai` providers serve it without that tool.":
      "请求里有由 Anthropic 服务器执行的工具（例如网页搜索）时，优先交给 `anthropic` 服务商；`false`：按配置的顺序，`openai` 服务商会去掉该工具再处理。",
    "Seconds that a request may wait for room at a provider (`max_concurrent`, a learned limit) or for a probe; then 503.":
      "秒。请求等待服务商空位（`max_concurrent`、学到的上限）或等待探测的时限，超过则返回 503。",
    "What some failures mean, in front of the built-in table; the first match wins.":
      "某些失败的含义，先于内置的表；以第一个匹配的为准。",
    "A row in front of the table of failures; needs `status`, `match` or both.":
      "排在失败表前面的一行；需要 `status`、`match` 或两者都写。",
    'A status such as 529, or a class such as "5xx". Absent: any.':
      '状态码，例如 529，或一类，例如 "5xx"。不写则不限。',
    "Part of the error's text in any case, or a regular expression between slashes, which must not repeat without a bound twice. Reads parsed errors, never answers.":
      "错误文本的一部分，不分大小写；或写在两个斜杠之间的正则表达式，其中不能有两处没有上限的重复。只读取解析后的错误，绝不读取回答。",
    "`stop` gives the error to the client, `failover` tries the next provider.":
      "`stop` 把错误交给客户端，`failover` 尝试下一家服务商。",
    "Seconds that the provider then stays out. Default: `failure_cooldown`.":
      "秒。此后服务商的冷却时间。默认是 `failure_cooldown`。",
    "Statuses that mean failover, as rules without `match`.": "意味着故障转移的状态码，相当于不写 `match` 的规则。",
    "Regular expressions over an error's text that mean failover, as rules without `status`.":
      "匹配错误文本、意味着故障转移的正则表达式，相当于不写 `status` 的规则。",
    "How a stream that breaks after its first content ends: `error` sends an error event, `abort` cuts the connection, `auto` aborts for Claude Code, which then retries.":
      "第一段内容之后中断的流怎样结束：`error` 发送 error 事件，`abort` 断开连接，`auto` 对 Claude Code 断开连接，它会重试。",
    "Seconds without content after which a stream gets its headers (status 200) and pings, while failover goes on: for a proxy in front that cuts silent connections. A failure of all providers is then an error event. 0 is never.":
      "秒。没有内容达到这个时间后，流会先收到响应头（状态码 200）和 ping，故障转移照常进行：用于前面的代理会切断静默连接的情况。此后如果所有服务商都失败，会以 error 事件告知。0 表示从不。",
    "Let the `x-ccpb-provider` header of a request choose the provider.": "允许用请求头 `x-ccpb-provider` 指定服务商。",
    "The address to listen on. Other than loopback needs `auth.api_keys`.":
      "监听的地址。回环地址之外的地址需要 `auth.api_keys`。",
    "The port to listen on; 0 is any free one.": "监听的端口；0 表示任意空闲端口。",
    "In any case; `CRITICAL` is `ERROR`. `INFO` has one line a call, `DEBUG` also one for its arrival and for each attempt.":
      "大小写均可；`CRITICAL` 等于 `ERROR`。`INFO` 每个请求一行，`DEBUG` 还会在请求到达和每次尝试时各写一行。",
    'JSONL log, relative to the configuration file\'s folder; the default is relative to the working folder. `""` turns it off.':
      'JSONL 日志，相对于配置文件所在的文件夹；默认值相对于工作目录。`""` 表示关闭。',
    "Another name of `log_file`.": "`log_file` 的另一个名称。",
    "Colours in the log on the terminal. Default: where the output is one.":
      "终端日志是否带颜色。默认：输出是终端时带颜色。",
    "Keys that the server asks its own clients for.": "服务器向自己的客户端要求的密钥。",
    "Whether clients need a key. Default: true once there is one.": "客户端是否需要密钥。默认：只要设置了密钥就需要。",
    "The same as `api_keys` with one.": "等于只有一个密钥的 `api_keys`。",
    "Keys that clients show as `Authorization: Bearer`, `x-api-key` or `api-key`; at least 16 characters each.":
      "客户端用 `Authorization: Bearer`、`x-api-key` 或 `api-key` 出示的密钥，每个至少 16 个字符。",
    ...chineseOfClients,
    "Routes that need no key; methods may stand in front. Replaces the default.":
      "不需要密钥的路由，前面可以写方法。会替换默认值。",
    "Names, without port, under which clients may reach the server beside localhost and IP addresses.":
      "除 localhost 和 IP 地址之外，客户端可以用来访问服务器的名称，不带端口。",
    "Serve HTTPS. Paths are relative to the configuration file's folder.":
      "提供 HTTPS。路径相对于配置文件所在的文件夹。",
    "PEM file with the certificate chain.": "PEM 文件：证书链。",
    "PEM file with the private key.": "PEM 文件：私钥。",
    "Share with other servers over Redis what providers say (refused keys, rate limits, failing statuses); failures of one server's network stay with it. Needs the package `@ccpb/redis`; a Redis that is away slows and fails nothing.":
      "通过 Redis 与其他服务器共享服务商的答复（被拒绝的密钥、速率限制、失败的状态码）；单台服务器的网络故障只留在它自己。需要 `@ccpb/redis` 包；Redis 不可用时，请求不会变慢，也不会失败。",
    "Where Redis or Valkey is: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS.":
      "Redis 或 Valkey 的地址：`redis://[user:password@]host[:port][/database]`，TLS 用 `rediss://`。",
    "Stands in front of every key and channel: installations with different ones share nothing.":
      "加在每个键和频道前面：前缀不同的部署互不共享。",
    'Folder of the ledger of tokens and cost, relative to the configuration file\'s folder. Default: `usage` beside the log. `""` keeps usage in memory only.':
      'token 与费用账本的文件夹，相对于配置文件所在的文件夹。默认是日志旁边的 `usage`。`""` 表示用量只保存在内存里。',
    "Prices per million tokens, for usage and cost; the first entry that covers a model counts.":
      "每百万 token 的价格，用于计算用量与费用；以第一个覆盖该模型的条目为准。",
    "What some models cost, for usage and budgets; stands before the prices that ccpb knows.":
      "某些模型的价格，用于用量和预算；先于 ccpb 已知的价格。",
    "The upstream's name of the model; `*` and `?` stand for any characters, in any case.":
      "上游的模型名；`*` 和 `?` 代表任意字符，不分大小写。",
    "Only at this provider. Default: at every one.": "只用于这家服务商。默认用于所有服务商。",
    "Price of a million tokens of input.": "每百万输入 token 的价格。",
    "Price of a million tokens of output, thinking included.": "每百万输出 token 的价格，包括思考内容。",
    "Price of a million tokens that came from a cache. Default: `input`.":
      "每百万来自缓存的 token 的价格。默认等于 `input`。",
    "Price of a million tokens that went into a cache. Default: `input`.":
      "每百万写入缓存的 token 的价格。默认等于 `input`。",
    "Price of a million tokens that went into a cache for one hour. Default: 1.6 times `cache_write`.":
      "每百万写入一小时缓存的 token 的价格。默认是 `cache_write` 的 1.6 倍。",
    "Three letters (ISO 4217).": "三个字母（ISO 4217）。",
    "Serve `/metrics`.": "提供 `/metrics`。",
    "Seconds that streams get to finish when the server is told to stop.":
      "秒。服务器收到停止信号后，留给流收尾的时间。",
    "Megabytes of request bodies that may be held at once, over all workers: a body is held until its answer begins. A further one is answered with 503.":
      "MB。所有 worker 合计可以同时保存的请求体：请求体一直保存到回答开始为止。超出的请求返回 503。",
    "Client connections that may be open at once, over all workers. A further one is answered with 503 and closed (over TLS only closed).":
      "所有 worker 合计可以同时打开的客户端连接数。超出的连接返回 503 后关闭（TLS 则直接关闭）。",
    "Processes that `ccpb serve` runs behind one address; `auto` is one a processor. They share health, reloads, status and metrics.":
      "`ccpb serve` 在同一个地址后面运行的进程数；`auto` 表示每个处理器一个。它们共享健康状态、重新加载、状态和指标。",
    "Names of further headers of the client's that `anthropic` providers are sent; `anthropic-*`, `x-anthropic-*`, `x-claude-*`, `x-stainless-*`, `x-app` and `user-agent` are without it. Default: none.":
      "还要把客户端的哪些请求头转发给 `anthropic` 服务商；`anthropic-*`、`x-anthropic-*`、`x-claude-*`、`x-stainless-*`、`x-app` 和 `user-agent` 不写也会转发。默认没有。",
    // model_routes
    "Where a route covers the client's model, its candidates replace the provider list. An exact name comes before globs; any case.":
      "路由覆盖了客户端请求的模型时，用它的候选代替服务商列表。完全相同的名称先于通配模式；不分大小写。",
    "Name of a provider.": "服务商的名称。",
    "The model to ask it for, or passthrough to keep the client's name.":
      "向它请求的模型；写 passthrough 则保留客户端的名称。",
    "Lower comes first. Default: the place in the list, from 1.": "小的在前。默认是在列表里的位置，从 1 开始。",
    "Leave this candidate out with false.": "写 false 则不使用这个候选。",
    ...chineseOfOriginal,
    ...chineseOfWebhooks,
  }),
);
