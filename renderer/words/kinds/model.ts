// Simplified Chinese of the kinds in engine/nodes/model.
import type { KindWords } from './words.ts';

export const model: Record<string, KindWords> = {
  embedding: {
    doc: '词元嵌入：为分词器词表中的每个词条学习一个 `dim` 维向量。其后接模型的各个块。',
    inputs: { tokenizer: '词表。' },
    params: {
      dim: '模型残差流的宽度。',
      vocab: '嵌入表的行数，不小于分词器的词表大小。默认：分词器的词表大小。',
      init: '正态分布的标准差，模型的所有权重都按该分布初始化。',
    },
  },
  lm_head: {
    doc:
      '语言模型输出头：先做 RMSNorm，再为词表中的每个词元给出一个分数（logit）。' +
      '启用 `tied` 时复用嵌入表，不再单设权重。',
    inputs: { hidden: '最后一个块。' },
    params: {
      tied: '与嵌入层共享权重表。',
      eps: 'RMSNorm 的 epsilon。',
    },
  },
  mha: {
    doc:
      '使用旋转位置编码（RoPE）的多头注意力。`kv_heads` 小于 `heads` 时，多个查询头共用一个键值头（分组查询注意力，GQA）。' +
      '来源：Vaswani 等，arXiv 1706.03762；Ainslie 等，arXiv 2305.13245。',
    inputs: {},
    params: {
      heads: '查询头数。',
      kv_heads: '键值头数，须整除 heads。默认：与 heads 相同。',
      head_dim: '每个头的宽度，须为偶数。默认：模型宽度 / heads。',
      rope_theta: '旋转频率的基数。',
    },
  },
  mla: {
    doc:
      '多头潜在注意力（MLA），与 DeepSeek-V2 和 V3 相同。所有头的键和值都由每个词元的一个 `kv_rank` 维潜向量得出，' +
      '位置信息来自所有头共享的一个 `rope_dim` 维旋转键；生成时只需缓存这两者。来源：arXiv 2405.04434，第 2.1 节。',
    inputs: {},
    params: {
      heads: '注意力头数。',
      kv_rank: '潜向量的宽度，键和值由它还原。',
      rope_dim: '每个查询和共享键中旋转部分的宽度，须为偶数。',
      head_dim: '每个头的宽度，不含旋转部分。默认：模型宽度 / heads。',
      value_dim: '每个值头的宽度。默认：head_dim。',
      q_rank: '查询也经过潜向量时，该潜向量的宽度。默认：不使用，查询直接投影得到。',
      rope_theta: '旋转频率的基数。',
      rope_interleaved: '像 DeepSeek 那样旋转相邻通道，而不是前后两半。',
      yarn_factor: 'YaRN 的上下文扩展倍数；1 表示不扩展。',
      yarn_context: '扩展前的上下文长度。',
      yarn_beta_fast: 'YaRN 旋转圈数的上界。',
      yarn_beta_slow: 'YaRN 旋转圈数的下界。',
      yarn_mscale: 'YaRN 对旋转部分数值的缩放系数。',
      yarn_mscale_all_dim: 'YaRN 对注意力分数的缩放系数。',
    },
  },
  moe: {
    doc:
      '混合专家（MoE），与 DeepSeek-V3 相同：路由器用 sigmoid 为所有专家打分，把每个词元送往得分最高的 `active` 个专家；' +
      '不丢弃任何词元。每个专家有一个偏置，每步之后向分配不足的专家倾斜；偏置只参与选择，不参与加权，' +
      '因此无需辅助损失即可保持负载均衡。来源：arXiv 2412.19437，第 2.1.2 节。',
    inputs: {},
    params: {
      experts: '路由专家数。',
      active: '每个词元送往的专家数。',
      shared: '每个词元都经过的共享专家数（合并为一个宽度为相应倍数的网络）。',
      dim: '单个专家的内部宽度。',
      groups: '专家的分组数；先选出最好的组。',
      active_groups: '每个词元可选的组数。默认：全部。',
      scale: '路由专家输出的缩放系数。',
      normalize: '缩放之前，把所选专家的权重归一化，使其和为一。',
      bias_speed: '每个专家的偏置每步向均衡方向移动多少；0 表示保持不变。',
    },
  },
  pretrained: {
    doc:
      '从 Hugging Face 布局的文件夹读入模型：`config.json`、一个或多个 `.safetensors` 文件，以及在需要读写文本时的 ' +
      '`tokenizer.json`。支持的模型族：deepseek_v3、llama。权重可为 float32、float16 或 bfloat16，计算时一律用 float32。' +
      '文件夹里若有聊天模板（`chat_template.jinja` 或 `tokenizer_config.json`），它随模型同行：`generate` 按它提问，`export` 再把它写出。',
    inputs: {},
    params: {
      path: '存放这些文件的文件夹。',
      bias_speed: '继续训练时，每个专家的偏置每步向均衡方向移动多少；0 表示保持不变。',
    },
  },
  swiglu: {
    doc: '门控前馈网络：`down(silu(gate x) * up x)`。来源：Shazeer，arXiv 2002.05202。',
    inputs: {},
    params: { dim: '内部宽度。' },
  },
  transformer_block: {
    doc:
      'Transformer 层，每个子层之前先做 RMSNorm：`x + attention(norm(x))`，然后 `x + ffn(norm(x))`。' +
      '设置 `repeat` 时，同样的层连续堆叠多次，各层权重相互独立。',
    inputs: {
      hidden: '该层的输入：嵌入或另一个块。',
      attention: '词元之间如何相互关注：mla 或 mha。',
      ffn: '对每个词元做什么变换：swiglu 或 moe。',
    },
    params: {
      repeat: '连续堆叠的层数。',
      eps: 'RMSNorm 的 epsilon。',
    },
  },
};
