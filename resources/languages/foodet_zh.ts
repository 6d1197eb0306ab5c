<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>BoxModel</name>
    <message>
        <source>suggested</source>
        <translation>建议</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>This file cannot be read as an image.</source>
        <translation>无法将此文件作为图片读取。</translation>
    </message>
</context>
<context>
    <name>ClassModel</name>
    <message>
        <source>+ new class</source>
        <translation>+ 新类别</translation>
    </message>
</context>
<context>
    <name>ConfigForm</name>
    <message>
        <source>Advanced</source>
        <translation>高级</translation>
    </message>
</context>
<context>
    <name>Curves</name>
    <message>
        <source>LOSS</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>REWARD (GRPO)</source>
        <translation>奖励（GRPO）</translation>
    </message>
</context>
<context>
    <name>ImageStrip</name>
    <message>
        <source>Search  todo  done</source>
        <translation>搜索  未完成  已完成</translation>
    </message>
    <message>
        <source>Words of the name, or: class:rice  boxes&gt;3  state:todo  score&lt;0.5  split:val  name:&quot;day 2&quot;  -lunch</source>
        <translation>文件名中的词，或：class:米饭  boxes&gt;3  state:未完成  score&lt;0.5  split:val  name:&quot;day 2&quot;  -lunch</translation>
    </message>
</context>
<context>
    <name>Jobs</name>
    <message>
        <source>A run is going on already. Stop it first, or wait for its end.</source>
        <translation>已有任务在运行。请先停止它，或等它结束。</translation>
    </message>
    <message>
        <source>The run broke off: {}.</source>
        <translation>运行中断：{}。</translation>
    </message>
    <message>
        <source>Its last words: {}</source>
        <translation>最后的输出：{}</translation>
    </message>
    <message>
        <source>Nothing labelled is lost; the run can be resumed from its last checkpoint.</source>
        <translation>标注没有丢失；可以从最后的检查点继续运行。</translation>
    </message>
    <message>
        <source>Nothing labelled is lost; it had no checkpoint yet, so start it again.</source>
        <translation>标注没有丢失；它还没有检查点，请重新开始。</translation>
    </message>
    <message>
        <source>its process was killed (SIGKILL), most often because the memory ran out</source>
        <translation>进程被终止（SIGKILL），多半是内存不足</translation>
    </message>
    <message>
        <source>its process was ended by a signal ({})</source>
        <translation>进程被信号（{}）结束</translation>
    </message>
    <message>
        <source>its process ended with code {} and without a result</source>
        <translation>进程以代码 {} 结束，没有结果</translation>
    </message>
    <message>
        <source>Predicting broke off: {}</source>
        <translation>预测中断：{}</translation>
    </message>
</context>
<context>
    <name>KeyPill</name>
    <message>
        <source>1 class</source>
        <translation>1 类别</translation>
    </message>
    <message>
        <source>1–{} class</source>
        <translation>1–{} 类别</translation>
    </message>
    <message>
        <source>? all keys</source>
        <translation>? 全部按键</translation>
    </message>
    <message>
        <source>W draw</source>
        <translation>W 画框</translation>
    </message>
    <message>
        <source>A / D previous, next</source>
        <translation>A / D 上一张、下一张</translation>
    </message>
    <message>
        <source>S done</source>
        <translation>S 完成</translation>
    </message>
    <message>
        <source>space pan</source>
        <translation>空格 平移</translation>
    </message>
</context>
<context>
    <name>LabelPanel</name>
    <message>
        <source>CLASSES</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>BOXES ON THIS IMAGE</source>
        <translation>本图的框</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Colour…</source>
        <translation>颜色…</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Merge into</source>
        <translation>并入</translation>
    </message>
</context>
<context>
    <name>LivePredictions</name>
    <message>
        <source>There is no detector yet: label some images and train one.</source>
        <translation>还没有检测器：先标注一些图片并训练。</translation>
    </message>
    <message>
        <source>{} suggestions on {} images. Ctrl+Shift+Enter accepts all that are shown.</source>
        <translation>共 {} 个建议，在 {} 张图片上。Ctrl+Shift+Enter 接受所有显示的建议。</translation>
    </message>
    <message>
        <source>Pre-labelling stopped: there is another detector now.</source>
        <translation>预标注已停止：检测器已更换。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Label</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
</context>
<context>
    <name>NumberBox</name>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
</context>
<context>
    <name>PrelabelPill</name>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>  ·  {}:{:02d} left</source>
        <translation>  ·  剩余 {}:{:02d}</translation>
    </message>
    <message>
        <source>Pre-labelling {} of {}</source>
        <translation>正在预标注 {} / {}</translation>
    </message>
</context>
<context>
    <name>RunView</name>
    <message>
        <source>starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>The best so far: these weights are kept.</source>
        <translation>目前最好：保留这些权重。</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>停止并保留</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续运行</translation>
    </message>
    <message>
        <source>{} validation images</source>
        <translation>{} 张验证图片</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练中</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>run {} had AP {:.2f}</source>
        <translation>运行 {} 的 AP 为 {:.2f}</translation>
    </message>
    <message>
        <source>{} left</source>
        <translation>剩余 {}</translation>
    </message>
    <message>
        <source>{} · {:.1f} images/s</source>
        <translation>{} · {:.1f} 张/秒</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>正在停止</translation>
    </message>
</context>
<context>
    <name>ScorePill</name>
    <message>
        <source>Show or hide predictions (P)</source>
        <translation>显示或隐藏预测（P）</translation>
    </message>
    <message>
        <source>Pre-label all</source>
        <translation>全部预标注</translation>
    </message>
    <message>
        <source>Find suggestions on all unfinished images (Ctrl+P)</source>
        <translation>为所有未完成的图片查找建议（Ctrl+P）</translation>
    </message>
    <message>
        <source>Show predictions ≥</source>
        <translation>显示预测 ≥</translation>
    </message>
    <message>
        <source>Predictions hidden</source>
        <translation>预测已隐藏</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Undone: {}</source>
        <translation>已撤销：{}</translation>
    </message>
    <message>
        <source>Redone: {}</source>
        <translation>已重做：{}</translation>
    </message>
    <message>
        <source>draw {}</source>
        <translation>画框 {}</translation>
    </message>
    <message>
        <source>move box</source>
        <translation>移动框</translation>
    </message>
    <message>
        <source>Copied boxes: {}</source>
        <translation>已复制的框：{}</translation>
    </message>
    <message>
        <source>paste {} boxes</source>
        <translation>粘贴 {} 个框</translation>
    </message>
    <message>
        <source>copy {} boxes of the previous image</source>
        <translation>复制上一张图的 {} 个框</translation>
    </message>
    <message>
        <source>duplicate {} boxes</source>
        <translation>复制 {} 个框</translation>
    </message>
    <message>
        <source>delete box</source>
        <translation>删除框</translation>
    </message>
    <message>
        <source>class {}</source>
        <translation>类别 {}</translation>
    </message>
    <message>
        <source>new class {}</source>
        <translation>新类别 {}</translation>
    </message>
    <message>
        <source>rename {}</source>
        <translation>重命名 {}</translation>
    </message>
    <message>
        <source>colour of {}</source>
        <translation>{} 的颜色</translation>
    </message>
    <message>
        <source>merge {} into {}</source>
        <translation>把 {} 并入 {}</translation>
    </message>
    <message>
        <source>{} boxes are {} now. Ctrl+Z takes it back.</source>
        <translation>{} 个框现在是 {}。按 Ctrl+Z 撤销。</translation>
    </message>
    <message>
        <source>move class {}</source>
        <translation>移动类别 {}</translation>
    </message>
    <message>
        <source>mark {}</source>
        <translation>标记为 {}</translation>
    </message>
    <message>
        <source>remove {}</source>
        <translation>移除 {}</translation>
    </message>
    <message>
        <source>Removed from the project; the file stays. Ctrl+Z takes it back.</source>
        <translation>已从项目中移除；文件仍在原处。按 Ctrl+Z 撤销。</translation>
    </message>
    <message>
        <source>accept suggestion</source>
        <translation>接受建议</translation>
    </message>
    <message>
        <source>accept {} suggestions</source>
        <translation>接受 {} 个建议</translation>
    </message>
    <message>
        <source>accept {} suggestions on {} images</source>
        <translation>接受 {} 个建议（{} 张图片）</translation>
    </message>
    <message>
        <source>Done: {}. Ctrl+Z takes it back.</source>
        <translation>完成：{}。按 Ctrl+Z 撤销。</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Teach a detector to see your food</source>
        <translation>教检测器认识你的食物</translation>
    </message>
    <message>
        <source>Draw boxes on your photos, train on this computer, correct what it finds, and go round again. </source>
        <translation>在照片上画框，在本机训练，修正它找到的结果，再来一轮。</translation>
    </message>
    <message>
        <source>Photos stay where they are and are never changed.</source>
        <translation>照片留在原处，绝不改动。</translation>
    </message>
    <message>
        <source>Open a folder of photos…</source>
        <translation>打开照片文件夹…</translation>
    </message>
    <message>
        <source>Open the sample</source>
        <translation>打开示例</translation>
    </message>
    <message>
        <source>240 drawn pictures of food with boxes, to try everything on</source>
        <translation>240 张画出来的带框食物图片，可随意试用</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>RECENT PROJECTS</source>
        <translation>最近的项目</translation>
    </message>
    <message>
        <source>Open a folder of photos, or a project</source>
        <translation>打开照片文件夹或项目</translation>
    </message>
    <message>
        <source>Looking for images</source>
        <translation>正在查找图片</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>all changes saved</source>
        <translation>所有更改已保存</translation>
    </message>
    <message>
        <source>select</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>draw</source>
        <translation>画框</translation>
    </message>
    <message>
        <source>hand</source>
        <translation>抓手</translation>
    </message>
    <message>
        <source>run {}</source>
        <translation>运行 {}</translation>
    </message>
    <message>
        <source>working</source>
        <translation>工作中</translation>
    </message>
</context>
<context>
    <name>SuggestionPill</name>
    <message>
        <source>1 suggestion</source>
        <translation>1 个建议</translation>
    </message>
    <message>
        <source>{} suggestions</source>
        <translation>{} 个建议</translation>
    </message>
    <message>
        <source>⏎ accept  ⇧⏎ all</source>
        <translation>⏎ 接受  ⇧⏎ 全部</translation>
    </message>
    <message>
        <source>⏎ accept all</source>
        <translation>⏎ 全部接受</translation>
    </message>
    <message>
        <source>Tab next</source>
        <translation>Tab 下一个</translation>
    </message>
    <message>
        <source>⌫ reject</source>
        <translation>⌫ 拒绝</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Fine-tune (GRPO)</source>
        <translation>微调（GRPO）</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>{:,} of {:,} done</source>
        <translation>已完成 {:,} / {:,}</translation>
    </message>
</context>
<context>
    <name>TrainPanel</name>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Fine-tune (GRPO)</source>
        <translation>微调（GRPO）</translation>
    </message>
    <message>
        <source>{:,} labelled images</source>
        <translation>{:,} 张已标注图片</translation>
    </message>
    <message>
        <source>1 labelled image</source>
        <translation>1 张已标注图片</translation>
    </message>
    <message>
        <source>A run is going on already.</source>
        <translation>已有任务在运行。</translation>
    </message>
    <message>
        <source>Open a project first.</source>
        <translation>请先打开项目。</translation>
    </message>
    <message>
        <source>Label at least {} images to train.</source>
        <translation>至少标注 {} 张图片才能训练。</translation>
    </message>
    <message>
        <source>Fine-tuning needs a trained detector: train first.</source>
        <translation>微调需要训练好的检测器：请先训练。</translation>
    </message>
    <message>
        <source> · {:g} min</source>
        <translation> · {:g} 分钟</translation>
    </message>
    <message>
        <source>RUN {}</source>
        <translation>运行 {}</translation>
    </message>
    <message>
        <source>This run has not come to its end.</source>
        <translation>这次运行还没有结束。</translation>
    </message>
    <message>
        <source>{} · GRPO · FROM RUN {}</source>
        <translation>{} · GRPO · 来自运行 {}</translation>
    </message>
    <message>
        <source>{} · RESUMED</source>
        <translation>{} · 继续</translation>
    </message>
</context>
<context>
    <name>_RowDelegate</name>
    <message>
        <source>name, then ⏎</source>
        <translation>名称，然后 ⏎</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>Boxes</source>
        <translation>框</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>View and project</source>
        <translation>视图与项目</translation>
    </message>
    <message>
        <source>Draw a box anywhere</source>
        <translation>在任意处画框</translation>
    </message>
    <message>
        <source>Select and move</source>
        <translation>选择与移动</translation>
    </message>
    <message>
        <source>Hand</source>
        <translation>抓手</translation>
    </message>
    <message>
        <source>Delete box, reject suggestion</source>
        <translation>删除框，拒绝建议</translation>
    </message>
    <message>
        <source>Accept suggestion, or all</source>
        <translation>接受建议，或全部</translation>
    </message>
    <message>
        <source>Accept all suggestions</source>
        <translation>接受全部建议</translation>
    </message>
    <message>
        <source>Accept on all images</source>
        <translation>在所有图片上接受</translation>
    </message>
    <message>
        <source>Next suggestion or buried box</source>
        <translation>下一个建议或被盖住的框</translation>
    </message>
    <message>
        <source>Select all boxes</source>
        <translation>选择所有框</translation>
    </message>
    <message>
        <source>Copy selected boxes, or all</source>
        <translation>复制所选框，或全部</translation>
    </message>
    <message>
        <source>Paste boxes</source>
        <translation>粘贴框</translation>
    </message>
    <message>
        <source>Copy boxes of previous image</source>
        <translation>复制上一张图的框</translation>
    </message>
    <message>
        <source>Duplicate selected boxes</source>
        <translation>就地复制所选框</translation>
    </message>
    <message>
        <source>Cancel, unselect</source>
        <translation>取消，取消选择</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Next image</source>
        <translation>下一张</translation>
    </message>
    <message>
        <source>Previous image</source>
        <translation>上一张</translation>
    </message>
    <message>
        <source>Done, and next image</source>
        <translation>完成，并到下一张</translation>
    </message>
    <message>
        <source>Done, or not yet</source>
        <translation>完成或未完成</translation>
    </message>
    <message>
        <source>Nothing on this image</source>
        <translation>此图没有目标</translation>
    </message>
    <message>
        <source>Remove image from project</source>
        <translation>从项目移除图片</translation>
    </message>
    <message>
        <source>Search images</source>
        <translation>搜索图片</translation>
    </message>
    <message>
        <source>Fit image</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <source>Fit selected boxes</source>
        <translation>放大到所选框</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100 %</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Show or hide predictions</source>
        <translation>显示或隐藏预测</translation>
    </message>
    <message>
        <source>Pre-label all images</source>
        <translation>预标注所有图片</translation>
    </message>
    <message>
        <source>Fold both sides away</source>
        <translation>收起两侧面板</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Fine-tune (GRPO)</source>
        <translation>微调（GRPO）</translation>
    </message>
    <message>
        <source>Open folder or project</source>
        <translation>打开文件夹或项目</translation>
    </message>
    <message>
        <source>Close project</source>
        <translation>关闭项目</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Dark or light</source>
        <translation>深色或浅色</translation>
    </message>
    <message>
        <source>All keys</source>
        <translation>全部按键</translation>
    </message>
</context>
</TS>
