<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AddPart</name>
    <message>
        <source>ADD IMAGES</source>
        <translation>添加图片</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>Files…</source>
        <translation>文件…</translation>
    </message>
    <message>
        <source>Photos stay where they are. They can also be dropped onto the window.</source>
        <translation>照片留在原处，也可以直接拖到窗口上。</translation>
    </message>
    <message>
        <source>Add a folder of images</source>
        <translation>添加一个图片文件夹</translation>
    </message>
    <message>
        <source>Add images</source>
        <translation>添加图片</translation>
    </message>
</context>
<context>
    <name>BoxModel</name>
    <message>
        <source>locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>hidden</source>
        <translation>已隐藏</translation>
    </message>
    <message>
        <source>suggested</source>
        <translation>建议</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Image with its boxes</source>
        <translation>图片及其框</translation>
    </message>
    <message>
        <source>This file cannot be read as an image.</source>
        <translation>无法将此文件作为图片读取。</translation>
    </message>
</context>
<context>
    <name>ClassFinder</name>
    <message>
        <source>Class: name, alias or pinyin</source>
        <translation>类别：名称、别名或拼音</translation>
    </message>
    <message>
        <source>⏎ choose      ⇧⏎ new class      Esc back</source>
        <translation>⏎ 选择      ⇧⏎ 新类别      Esc 返回</translation>
    </message>
    <message>
        <source>Merge {} into: name, alias or pinyin</source>
        <translation>将 {} 并入：名称、别名或拼音</translation>
    </message>
    <message>
        <source>⏎ merge      Esc back</source>
        <translation>⏎ 合并      Esc 返回</translation>
    </message>
    <message>
        <source>+ new class “{}”</source>
        <translation>+ 新类别“{}”</translation>
    </message>
</context>
<context>
    <name>ClassModel</name>
    <message>
        <source>+ new class</source>
        <translation>+ 新类别</translation>
    </message>
    <message>
        <source>hidden</source>
        <translation>已隐藏</translation>
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
    <name>ExportPart</name>
    <message>
        <source>Replace the file</source>
        <translation>替换该文件</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>This file exists. Click again to replace it.</source>
        <translation>该文件已存在。再点一次即替换它。</translation>
    </message>
    <message>
        <source>This folder holds something already: give a new or an empty one.</source>
        <translation>该文件夹里已有内容：请给一个新的或空的文件夹。</translation>
    </message>
    <message>
        <source>Images of no split are divided; others keep theirs. The project stays as it is.</source>
        <translation>未分集的图片会被划分，其余保持不变。项目本身不受影响。</translation>
    </message>
    <message>
        <source>EXPORT ANNOTATIONS</source>
        <translation>导出标注</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>all labelled</source>
        <translation>全部已标注</translation>
    </message>
    <message>
        <source>done only</source>
        <translation>仅已完成</translation>
    </message>
    <message>
        <source>labelled, as listed</source>
        <translation>列表中已标注的</translation>
    </message>
    <message>
        <source>train, val and test</source>
        <translation>训练、验证、测试集</translation>
    </message>
    <message>
        <source>val</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>To</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>file or new folder</source>
        <translation>文件或新文件夹</translation>
    </message>
    <message>
        <source>Export to a file</source>
        <translation>导出到文件</translation>
    </message>
    <message>
        <source>Export to an empty folder</source>
        <translation>导出到空文件夹</translation>
    </message>
</context>
<context>
    <name>HiddenPill</name>
    <message>
        <source>{} show all</source>
        <translation>{} 全部显示</translation>
    </message>
</context>
<context>
    <name>ImageStrip</name>
    <message>
        <source>Images</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Search images</source>
        <translation>搜索图片</translation>
    </message>
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
    <name>ImportPart</name>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>IMPORT ANNOTATIONS</source>
        <translation>导入标注</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>file or folder</source>
        <translation>文件或文件夹</translation>
    </message>
    <message>
        <source>File…</source>
        <translation>文件…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Images in</source>
        <translation>图片位置</translation>
    </message>
    <message>
        <source>project folder</source>
        <translation>项目文件夹</translation>
    </message>
    <message>
        <source>The folder that image names in the file are relative to.</source>
        <translation>文件中的图片名相对于这个文件夹。</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>as the file says</source>
        <translation>按文件所写</translation>
    </message>
    <message>
        <source>train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>val</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Recognised as {}.</source>
        <translation>已识别为 {}。</translation>
    </message>
    <message>
        <source>There are several sets of annotations here: choose one.</source>
        <translation>这里有多份标注：请选择一份。</translation>
    </message>
    <message>
        <source>What format this is in cannot be told: choose it.</source>
        <translation>无法判断其格式：请选择。</translation>
    </message>
    <message>
        <source>looking…</source>
        <translation>正在查看…</translation>
    </message>
    <message>
        <source>An annotation file</source>
        <translation>标注文件</translation>
    </message>
    <message>
        <source>A folder of annotations</source>
        <translation>标注文件夹</translation>
    </message>
    <message>
        <source>The folder of the images</source>
        <translation>图片所在的文件夹</translation>
    </message>
</context>
<context>
    <name>Intake</name>
    <message>
        <source>Neither images nor annotations: {}.</source>
        <translation>既不是图片也不是标注：{}。</translation>
    </message>
    <message>
        <source>No new images came into the folder.</source>
        <translation>文件夹里没有新图片。</translation>
    </message>
    <message>
        <source>Open the folder of the photos first; then drop {} again to import it.</source>
        <translation>请先打开照片所在的文件夹，再把 {} 拖进来导入。</translation>
    </message>
</context>
<context>
    <name>JobButton</name>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
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
        <source>Nothing labelled is lost; do it again.</source>
        <translation>标注没有丢失；请重新执行。</translation>
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
    <message>
        <source>{}: the system starts no process ({}). Close other programs or free some space, then try again.</source>
        <translation>{}：系统无法启动进程（{}）。请关闭其他程序或释放空间，然后重试。</translation>
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
        <source>, {} find</source>
        <translation>，{} 查找</translation>
    </message>
    <message>
        <source>{} all keys</source>
        <translation>{} 全部按键</translation>
    </message>
    <message>
        <source>{} draw</source>
        <translation>{} 画框</translation>
    </message>
    <message>
        <source>{} previous, next</source>
        <translation>{} 上一张、下一张</translation>
    </message>
    <message>
        <source>{} done</source>
        <translation>{} 完成</translation>
    </message>
    <message>
        <source>space pan</source>
        <translation>空格 平移</translation>
    </message>
</context>
<context>
    <name>KeysPage</name>
    <message>
        <source>Search actions and keys</source>
        <translation>搜索操作和按键</translation>
    </message>
    <message>
        <source>Reset all keys</source>
        <translation>全部恢复默认</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>{} stays as it is: digits choose classes, arrows move boxes.</source>
        <translation>{} 不能更改：数字键选择类别，方向键移动框。</translation>
    </message>
    <message>
        <source>{} is the key for “{}”.</source>
        <translation>{} 已用于“{}”。</translation>
    </message>
</context>
<context>
    <name>LabelPanel</name>
    <message>
        <source>CLASSES</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Boxes on this image</source>
        <translation>本图的框</translation>
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
        <source>Hide boxes</source>
        <translation>隐藏框</translation>
    </message>
    <message>
        <source>Show boxes</source>
        <translation>显示框</translation>
    </message>
    <message>
        <source>Merge into…</source>
        <translation>并入…</translation>
    </message>
</context>
<context>
    <name>LivePredictions</name>
    <message>
        <source>No detector is trained yet: foodet&apos;s own looks for food. What it has no class for gets yours.</source>
        <translation>还没有训练检测器：先用 foodet 自带的找食物。它没有的类别，用您当前的类别。</translation>
    </message>
    <message>
        <source>{} suggestions on {} images. {} accepts all that are shown.</source>
        <translation>共 {} 个建议，分布在 {} 张图片上。{} 接受所有显示的建议。</translation>
    </message>
    <message>
        <source>Boxes of no class of yours: {}, images: {}. {} goes to the next box, a class accepts it.</source>
        <translation>没有对应您类别的框：{} 个，图片：{} 张。{} 转到下一个框，选择类别即接受。</translation>
    </message>
    <message>
        <source>Nothing was found with a score of {:.2f} or more. The slider shows what is less sure.</source>
        <translation>没有找到得分不低于 {:.2f} 的目标。拖动滑块可显示把握较小的。</translation>
    </message>
    <message>
        <source>Computed by {}.</source>
        <translation>由 {} 计算。</translation>
    </message>
    <message>
        <source>Pre-labelling stopped: there is another detector now.</source>
        <translation>预标注已停止：检测器已更换。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Panel</source>
        <translation>面板</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
</context>
<context>
    <name>Measuring</name>
    <message>
        <source>{} and {} more</source>
        <translation>{} 等，另有 {} 个</translation>
    </message>
    <message>
        <source>Left out {} of the files, which cannot be read as images: {}.</source>
        <translation>有 {} 个文件无法作为图片读取，已略过：{}。</translation>
    </message>
</context>
<context>
    <name>MeasuringPill</name>
    <message>
        <source>Later</source>
        <translation>稍后</translation>
    </message>
    <message>
        <source>Goes on when the project is opened again</source>
        <translation>下次打开项目时继续</translation>
    </message>
    <message>
        <source>Reading sizes and dates  {:,} of {:,}</source>
        <translation>正在读取尺寸和日期  {:,} / {:,}</translation>
    </message>
</context>
<context>
    <name>NewImagesPill</name>
    <message>
        <source>1 new image in the folder</source>
        <translation>文件夹里有 1 张新图片</translation>
    </message>
    <message>
        <source>{} new images in the folder</source>
        <translation>文件夹里有 {} 张新图片</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Add them to the project ({})</source>
        <translation>添加到项目（{}）</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>暂不</translation>
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
        <source>Progress of the run</source>
        <translation>运行进度</translation>
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
        <source>Show or hide predictions ({})</source>
        <translation>显示或隐藏预测（{}）</translation>
    </message>
    <message>
        <source>Score from which on predictions are shown</source>
        <translation>显示预测的最低分数</translation>
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
        <source>Boxes whose class is gone are left out.</source>
        <translation>类别已不存在的框已略过。</translation>
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
        <source>{} boxes are {} now. {} takes it back.</source>
        <translation>{} 个框已改为 {}。{} 可撤销。</translation>
    </message>
    <message>
        <source>Removed from the project; the file stays. {} takes it back.</source>
        <translation>已从项目移除，文件保留。{} 可撤销。</translation>
    </message>
    <message>
        <source>Done: {}. {} takes it back.</source>
        <translation>完成：{}。{} 可撤销。</translation>
    </message>
    <message>
        <source>{}: another window or run has changed it. It is shown as it is now; do the last step once more.</source>
        <translation>{}：另一个窗口或任务更改了它。现在显示的是最新内容，请再做一次刚才的操作。</translation>
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
        <source>Locked boxes stay as they are. {} unlocks them.</source>
        <translation>锁定的框保持不变。按 {} 解锁。</translation>
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
</context>
<context>
    <name>SortButton</name>
    <message>
        <source>As added</source>
        <translation>按添加顺序</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Folder by folder, 2 before 10</source>
        <translation>逐个文件夹，2 在 10 之前</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>When the photo was taken, else when its file was written</source>
        <translation>照片的拍摄时间，没有时用文件的修改时间</translation>
    </message>
    <message>
        <source>Number of boxes</source>
        <translation>框数</translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation>不确定度</translation>
    </message>
    <message>
        <source>Where the detector is least sure of what it shows</source>
        <translation>检测器对所显示的结果最没有把握的图片在前</translation>
    </message>
    <message>
        <source>Disagreement</source>
        <translation>分歧</translation>
    </message>
    <message>
        <source>Where predictions and labels contradict each other most</source>
        <translation>预测与标注最矛盾的图片在前</translation>
    </message>
    <message>
        <source>The other way round</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>Sort the images</source>
        <translation>图片排序</translation>
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
        <source>Progress</source>
        <translation>进度</translation>
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
        <source>{} accept  {} all</source>
        <translation>{} 接受  {} 全部</translation>
    </message>
    <message>
        <source>{} accept all</source>
        <translation>{} 全部接受</translation>
    </message>
    <message>
        <source>{} next</source>
        <translation>{} 下一个</translation>
    </message>
    <message>
        <source>{} reject</source>
        <translation>{} 拒绝</translation>
    </message>
</context>
<context>
    <name>ToldPart</name>
    <message>
        <source>and {} more</source>
        <translation>以及另外 {} 条</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Pre-label</source>
        <translation>预标注</translation>
    </message>
    <message>
        <source>Find suggestions on all unfinished images ({})</source>
        <translation>在所有未完成的图片上寻找建议（{}）</translation>
    </message>
    <message>
        <source>Fine-tune (GRPO)</source>
        <translation>微调（GRPO）</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Images done</source>
        <translation>已完成的图片</translation>
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
        <source>{}. {}</source>
        <translation>{}。{}</translation>
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
    <name>TransferPill</name>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>{}  {:,} of {:,}</source>
        <translation>{}  {:,} / {:,}</translation>
    </message>
    <message>
        <source>Importing</source>
        <translation>正在导入</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>正在导出</translation>
    </message>
    <message>
        <source>Adding images</source>
        <translation>正在添加图片</translation>
    </message>
</context>
<context>
    <name>Transfers</name>
    <message>
        <source>An import or export is going on. Wait for its end, or stop it.</source>
        <translation>正在导入或导出。请等它结束，或停止它。</translation>
    </message>
    <message>
        <source>Stopped: nothing was changed.</source>
        <translation>已停止：没有任何改动。</translation>
    </message>
    <message>
        <source>What to know of it stands under Data.</source>
        <translation>详情见“数据”。</translation>
    </message>
    <message>
        <source>Exported {boxes} boxes on {images} images to {path}.</source>
        <translation>已导出 {images} 张图片上的 {boxes} 个框到 {path}。</translation>
    </message>
    <message>
        <source>Imported {boxes} boxes on {images} images; {new_images} images and {new_classes} classes are new.</source>
        <translation>已导入 {images} 张图片上的 {boxes} 个框；新增 {new_images} 张图片、{new_classes} 个类别。</translation>
    </message>
    <message>
        <source>{} boxes were there already.</source>
        <translation>{} 个框原已存在。</translation>
    </message>
    <message>
        <source>Images added: {}.</source>
        <translation>已添加图片：{} 张。</translation>
    </message>
    <message>
        <source>There is no new image.</source>
        <translation>没有新图片。</translation>
    </message>
    <message>
        <source>Images whose files were moved: {}.</source>
        <translation>文件已移动的图片：{} 张。</translation>
    </message>
    <message>
        <source>{} takes it back.</source>
        <translation>{} 可撤销。</translation>
    </message>
</context>
<context>
    <name>_Conflict</name>
    <message>
        <source>Use it here</source>
        <translation>改用于此</translation>
    </message>
    <message>
        <source>Leave it</source>
        <translation>保持不变</translation>
    </message>
    <message>
        <source>Click a key to change it, Del takes it away. 1 … 0 choose the first ten classes.</source>
        <translation>单击按键即可更改，Del 去掉。1 … 0 选择前十个类别。</translation>
    </message>
</context>
<context>
    <name>_KeyEdit</name>
    <message>
        <source>new key</source>
        <translation>新按键</translation>
    </message>
</context>
<context>
    <name>_KeyRow</name>
    <message>
        <source>Back to {}</source>
        <translation>恢复为 {}</translation>
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
        <source>New box in the middle</source>
        <translation>在中间新建框</translation>
    </message>
    <message>
        <source>Size boxes, with all arrows</source>
        <translation>用四个方向键调整框的大小</translation>
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
        <source>Tighten to the prediction</source>
        <translation>按预测收紧框</translation>
    </message>
    <message>
        <source>Lock or unlock boxes</source>
        <translation>锁定或解锁框</translation>
    </message>
    <message>
        <source>Hide all boxes, or while held</source>
        <translation>隐藏所有框（按住则暂时隐藏）</translation>
    </message>
    <message>
        <source>Hide selected boxes</source>
        <translation>隐藏所选框</translation>
    </message>
    <message>
        <source>Hide or show the class</source>
        <translation>隐藏或显示该类别</translation>
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
        <source>Find or add a class</source>
        <translation>查找或新建类别</translation>
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
        <source>Sort images</source>
        <translation>图片排序</translation>
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
        <source>Move the view, with all arrows</source>
        <translation>用四个方向键移动视图</translation>
    </message>
    <message>
        <source>Fewer predictions</source>
        <translation>减少预测</translation>
    </message>
    <message>
        <source>More predictions</source>
        <translation>增加预测</translation>
    </message>
    <message>
        <source>Next part of the window</source>
        <translation>窗口的下一部分</translation>
    </message>
    <message>
        <source>Loupe while drawing, on or off</source>
        <translation>画框时的放大镜：开或关</translation>
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
        <source>Add images</source>
        <translation>添加图片</translation>
    </message>
    <message>
        <source>Add new images of the folder</source>
        <translation>添加文件夹中的新图片</translation>
    </message>
    <message>
        <source>Import annotations</source>
        <translation>导入标注</translation>
    </message>
    <message>
        <source>Export annotations</source>
        <translation>导出标注</translation>
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
<context>
    <name>box_steps</name>
    <message>
        <source>Select the boxes to lock first.</source>
        <translation>请先选择要锁定的框。</translation>
    </message>
    <message>
        <source>lock box</source>
        <translation>锁定框</translation>
    </message>
    <message>
        <source>unlock box</source>
        <translation>解锁框</translation>
    </message>
    <message>
        <source>Select the boxes to hide first.</source>
        <translation>请先选择要隐藏的框。</translation>
    </message>
    <message>
        <source>{}: there are boxes on it. Delete them first, or mark the image as done ({}).</source>
        <translation>{}：图片上有框。请先删除，或将图片标记为已完成（{}）。</translation>
    </message>
    <message>
        <source>Select the boxes to tighten first.</source>
        <translation>请先选择要收紧的框。</translation>
    </message>
    <message>
        <source>{}: no detector has looked at it yet. Train one, or show predictions ({}).</source>
        <translation>{}：还没有检测器看过它。请先训练，或显示预测（{}）。</translation>
    </message>
    <message>
        <source>tighten box</source>
        <translation>收紧框</translation>
    </message>
    <message>
        <source>No prediction overlaps the selected box: it stays as it is.</source>
        <translation>没有预测与所选框重叠：框保持不变。</translation>
    </message>
    <message>
        <source>The box fits its prediction already.</source>
        <translation>框已经与预测吻合。</translation>
    </message>
    <message>
        <source>All boxes are hidden</source>
        <translation>所有框已隐藏</translation>
    </message>
    <message>
        <source>Hidden boxes: {}</source>
        <translation>已隐藏的框：{}</translation>
    </message>
    <message>
        <source>Hidden classes: {}</source>
        <translation>已隐藏的类别：{}</translation>
    </message>
</context>
<context>
    <name>states</name>
    <message>
        <source>unlabelled</source>
        <translation>未标注</translation>
    </message>
    <message>
        <source>in progress</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>空</translation>
    </message>
</context>
</TS>
